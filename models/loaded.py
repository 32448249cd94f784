"""Models in memory: what was verified once, byte for byte, is not verified and loaded again."""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from models.bundle import MOST_BYTES, VerifiedBundle, load_bundle, verify_bundle
from models.disk import read_folder
from models.manifest import MANIFEST, SIGNATURE
from models.risk import RiskModel
from models.seal import check_signature
from models.signing import TrustedKeys

MOST_LOADED = 6
"""Bundles that a server keeps in memory."""


class _Kept(NamedTuple):
    verified: VerifiedBundle
    model: RiskModel | None = None


class Loaded:
    """Bundles that this process verified, and their models, the ones asked for last.

    Verifying starts a child process and takes seconds; a swap must not. A bundle whose bytes on
    disk are those that were verified is as good as verified, but for its signer, who may not be
    trusted any more and is looked up each time.

    Parameters
    ----------
    most : int
        Bundles that are kept in memory.
    """

    def __init__(self, most: int = MOST_LOADED) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, folder: Path, trusted: TrustedKeys) -> VerifiedBundle:
        """Verify a bundle, or see that its bytes were verified before.

        Parameters
        ----------
        folder : Path
            The bundle.
        trusted : TrustedKeys
            Whose bundles are believed now.

        Returns
        -------
        VerifiedBundle
            The bytes that were verified.

        Raises
        ------
        BundleRefused
            If it does not verify.
        """
        contents = read_folder(folder, MOST_BYTES)
        with self._lock:
            known = [each.verified for each in self._kept.values()]
        for verified in known:
            if verified.contents == contents:
                check_signature(contents[MANIFEST], contents[SIGNATURE], trusted)
                return verified
        verified = verify_bundle(folder, trusted)
        self._keep(_Kept(verified))
        return verified

    def load(self, verified: VerifiedBundle) -> RiskModel:
        """Give the model of a bundle that was verified.

        Parameters
        ----------
        verified : VerifiedBundle
            From `verify`.

        Returns
        -------
        RiskModel
            Loaded now, or the time before.
        """
        with self._lock:
            kept = self._kept.get(verified.manifest.version)
        if kept is not None and kept.model is not None and kept.verified == verified:
            model = kept.model
        else:
            model = load_bundle(verified, warm=True)
        self._keep(_Kept(verified, model))
        return model

    def _keep(self, kept: _Kept) -> None:
        with self._lock:
            self._kept.pop(kept.verified.manifest.version, None)
            self._kept[kept.verified.manifest.version] = kept
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
