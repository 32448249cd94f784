"""Hand-written stand-ins for serving: a clock that is set, a model that is plain arithmetic."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
from fastapi import FastAPI
from lightgbm import Booster
from numpy.typing import NDArray
from starlette.testclient import TestClient

from features.catalogue import FEATURE_NAMES, catalogue_hash
from models.calibration import Calibration
from models.errors import BundleRefused
from models.manifest import CONTENT, FORMAT, Bands, FileEntry, Manifest, Window
from models.risk import RiskModel
from service.api.runtime import Runtime
from service.auth import create_key
from service.roles import Role

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)
VERSION = "20261120T101500Z-0123456789ab"
OTHER_VERSION = "20261121T101500Z-ba9876543210"


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> None:
        self.at += timedelta(**delta)


class PlainTrees:
    """Stands in for a booster: log-odds are the occupants, or the number of past items."""

    def __init__(self, column: str) -> None:
        self._column = FEATURE_NAMES.index(column)

    def predict(
        self, X: NDArray[np.float32], *, pred_contrib: bool = False, **_options: object
    ) -> NDArray[np.float64]:
        values = np.nan_to_num(X[:, self._column].astype(np.float64))
        if not pred_contrib:
            return values - 4.0
        contributions = np.zeros((len(X), X.shape[1] + 1))
        contributions[:, self._column] = values
        contributions[:, -1] = -4.0
        return contributions


def manifest_of(version: str = VERSION, **changes: object) -> Manifest:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    window = Window(from_at=day, until_at=day + timedelta(days=10))
    manifest = Manifest(
        format=FORMAT,
        version=version,
        files={name: FileEntry(sha256="0" * 64, size=1) for name in CONTENT},
        signer="0" * 16,
        created_at=day + timedelta(days=20),
        feature_names=FEATURE_NAMES,
        catalogue_hash=catalogue_hash(),
        data_hash="0" * 16,
        code_version="0.1.0",
        libraries={},
        fit_window=window,
        label_window=window,
        labels="observed",
        seed=1,
        metrics={},
        bands=Bands(medium=0.1, high=0.3, very_high=0.6),
        severity_by_mode={"pov": 2.0, "ocean": 10.0},
    )
    return manifest.model_copy(update=changes)


def plain_model(version: str = VERSION, column: str = "n_occupants") -> RiskModel:
    """Make a model whose risk grows with one column."""
    identity = Calibration(kind="isotonic", scores=(-20.0, 20.0), log_odds=(-20.0, 20.0), slope=1.0)
    return RiskModel(manifest_of(version), cast("Booster", PlainTrees(column)), identity)


class FaultyTrees:
    """Stands in for a booster that fails in a way nobody thought of."""

    def __init__(self, message: str) -> None:
        self._message = message

    def predict(self, _X: NDArray[np.float32], **_options: object) -> NDArray[np.float64]:
        raise RuntimeError(self._message)


def faulty_model(message: str) -> RiskModel:
    """Make a model that always fails."""
    plain = plain_model()
    return RiskModel(plain.manifest, cast("Booster", FaultyTrees(message)), plain.calibration)


class Shelf:
    """Stands in for installed bundles: what it holds loads, anything else is refused."""

    def __init__(self, *models: RiskModel, shipped: RiskModel | None = None) -> None:
        self._models: dict[str | None, RiskModel] = {model.version: model for model in models}
        if shipped is not None:
            self._models[None] = shipped
        self.asked: list[str | None] = []

    def __call__(self, version: str | None) -> RiskModel:
        self.asked.append(version)
        if version not in self._models:
            raise BundleRefused("model.txt", "it is damaged")
        return self._models[version]


@dataclass(frozen=True)
class Desk:
    """A running server, and ways to call it."""

    runtime: Runtime
    client: TestClient
    clock: SetClock
    app: FastAPI

    def headers(self, role: Role = "inspector", *ports: str) -> dict[str, str]:
        """Make a key, reaching all ports if none is named, and give the header it is sent in."""
        reach = frozenset(ports) or None
        with self.runtime.store.write() as connection:
            key = create_key(connection, role, reach, self.clock())
        return {"Authorization": f"Bearer {key}"}

    def headers_of(self, role: Role, agency: str) -> dict[str, str]:
        """Make a key of another agency that reaches all ports, and give its header."""
        with self.runtime.store.write() as connection:
            key = create_key(connection, role, None, self.clock(), agency)
        return {"Authorization": f"Bearer {key}"}

    def score(self, item: object, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Post one item that must be accepted."""
        reply = self.client.post("/v1/score", json=item, headers=headers or self.headers())
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer


MakeDesk = Callable[..., Desk]
