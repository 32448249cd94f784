"""A small real model, and a bundle of it on disk, for every test of bundles."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.bundle import BundleParts, VerifiedBundle, verify_bundle, write_bundle
from models.calibration import Calibration
from models.golden import choose_golden
from models.manifest import Bands, Statement, Window
from models.signing import SigningKey, TrustedKeys
from models.targets import Bound, Measured, Targets, state_verdicts
from tests.bundles import Fitted

NAMES = ("value_usd", "n_lines", "hour", "weight_kg", "수량")


@pytest.fixture(scope="session")
def fitted() -> Fitted:
    generator = np.random.default_rng(7)
    X = generator.normal(size=(1_500, len(NAMES))).astype(np.float32)
    X[generator.random(X.shape) < 0.1] = np.nan
    lean = np.nan_to_num(X[:, 0]) - 0.5 * np.nan_to_num(X[:, 2]) ** 2
    y = (lean + generator.normal(size=len(X)) > 1).astype(np.int64)
    settings = {
        "objective": "binary",
        "num_leaves": 6,
        "max_depth": 3,
        "num_threads": 1,
        "deterministic": True,
        "seed": 1,
        "verbosity": -1,
        "monotone_constraints": [1, 0, 0, 0, 0],
    }
    data = lightgbm.Dataset(X, y, feature_name=list(NAMES))
    return Fitted(lightgbm.train(settings, data, num_boost_round=8), X, y)


@pytest.fixture(scope="session")
def targets() -> Targets:
    return Targets(
        sha256="0" * 64,
        stored_at=datetime(2026, 11, 1, tzinfo=UTC),
        figures={"auc": Bound(at_least=0.7), "ece": Bound(at_most=0.03)},
    )


@pytest.fixture(scope="session")
def statement(targets: Targets) -> Statement:
    def day(number: int) -> datetime:
        return datetime(2026, 11, number, tzinfo=UTC)

    return Statement(
        created_at=datetime(2026, 11, 24, 10, 15, tzinfo=UTC),
        feature_names=NAMES,
        catalogue_hash="0123456789abcdef",
        data_hash="fedcba9876543210",
        code_version="0.1.0",
        libraries={"lightgbm": lightgbm.__version__},
        fit_window=Window(from_at=day(1), until_at=day(10)),
        label_window=Window(from_at=day(1), until_at=day(12)),
        labels="observed",
        seed=7,
        metrics={"auc": 0.8},
        bands=Bands(medium=0.05, high=0.2, very_high=0.5),
        severity_by_mode={"pov": 3.0, "ocean": 12.0},
        severity_overall=5.0,
        targets=targets,
    )


@pytest.fixture(scope="session")
def calibration() -> Calibration:
    return Calibration(
        kind="isotonic", scores=(-3.0, -1.0, 1.5), log_odds=(-4.0, -1.25, 1.0), slope=0.8
    )


@pytest.fixture(scope="session")
def parts(
    fitted: Fitted, statement: Statement, calibration: Calibration, targets: Targets
) -> BundleParts:
    return BundleParts(
        statement=statement,
        model_text=fitted.booster.model_to_string(),
        calibration=calibration,
        card="# A small model\n\nFor tests.\n",
        evaluation={
            "test": {"model": {"auc": 0.8, "ece": 0.01}},
            "targets": state_verdicts(
                targets, {"auc": Measured(0.8, 0.7, 0.9), "ece": Measured(0.01, 0.0, 0.02)}
            ),
        },
        golden=choose_golden(fitted.booster, fitted.X, 24),
    )


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.generate())


@pytest.fixture(scope="session")
def trusted(key: SigningKey) -> TrustedKeys:
    return TrustedKeys({key.key_id: key.public})


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory, parts: BundleParts, key: SigningKey) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "small"
    write_bundle(folder, parts, key)
    return folder


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Callable[[], Path]:
    """Give a fresh copy of the bundle to damage."""

    def make() -> Path:
        folder = tmp_path / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(written, folder)
        return folder

    return make


@pytest.fixture(scope="session")
def verified(written: Path, trusted: TrustedKeys) -> VerifiedBundle:
    return verify_bundle(written, trusted)


@pytest.fixture(scope="session")
def other_key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.generate())
