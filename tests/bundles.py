"""What tests of bundles share."""

from pathlib import Path
from typing import NamedTuple

import lightgbm
import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from models.bundle import MOST_BYTES
from models.damage import reseal
from models.disk import read_folder
from models.documents import read_json, write_json
from models.manifest import MANIFEST
from models.registry import SHIPPED
from models.signing import SigningKey


class Fitted(NamedTuple):
    """A small fitted model, its rows and labels."""

    booster: lightgbm.Booster
    X: NDArray[np.float32]
    y: NDArray[np.int64]

    def raw(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """LightGBM's own raw scores."""
        return np.asarray(self.booster.predict(X, raw_score=True), np.float64)

    def leaves(self, X: NDArray[np.float32]) -> NDArray[np.int64]:
        """The leaf of each tree that each row reaches."""
        return np.asarray(self.booster.predict(X, pred_leaf=True), np.int64)


def shipped_but(folder: Path, key: SigningKey, **changes: JsonValue) -> Path:
    """Write the shipped bundle with another manifest, sealed as its signer would."""
    contents = read_folder(SHIPPED, MOST_BYTES)
    manifest = read_json(contents[MANIFEST], MANIFEST)
    assert isinstance(manifest, dict)
    changed = contents | {MANIFEST: write_json(manifest | changes)}
    folder.mkdir()
    for name, data in reseal(changed, key, new_version=True).items():
        (folder / name).write_bytes(data)
    return folder
