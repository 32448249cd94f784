from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from features.errors import InvalidTable
from models.bundle import VerifiedBundle, load_bundle
from models.calibration import Calibration
from models.manifest import Bands
from models.risk import MOST_ROWS_ON_ONE_THREAD, RiskModel, band, priority
from tests.bundles import Fitted


@pytest.fixture(scope="session")
def model(verified: VerifiedBundle) -> RiskModel:
    return load_bundle(verified)


def test_risk_is_the_calibrated_score(
    model: RiskModel, fitted: Fitted, calibration: Calibration
) -> None:
    raw = fitted.raw(fitted.X)
    risk = model.risk(fitted.X)
    assert risk.dtype == np.float64
    assert np.array_equal(risk, calibration.apply(raw))
    assert ((risk > 0) & (risk < 1)).all()


def test_contributions_add_up_to_the_score(model: RiskModel, fitted: Fitted) -> None:
    shares = model.contributions(fitted.X[:100])
    assert shares.shape == (100, 6)
    assert np.allclose(shares.sum(axis=1), model.score(fitted.X[:100]), rtol=0, atol=1e-9)


def test_one_row_has_the_risk_that_it_has_among_many(model: RiskModel, fitted: Fitted) -> None:
    many = np.tile(fitted.X, (3, 1))
    assert len(many) > MOST_ROWS_ON_ONE_THREAD
    risk = model.risk(many)
    alone = [model.risk(many[i : i + 1])[0] for i in range(50)]
    assert np.array_equal(risk[:50], alone)


def test_no_rows_have_no_risks(model: RiskModel) -> None:
    assert model.risk(np.empty((0, 5), np.float32)).shape == (0,)
    assert model.contributions(np.empty((0, 5), np.float32)).shape == (0, 6)


@pytest.mark.parametrize("shape", [(2, 4), (2, 6), (5,), (1, 5, 1)])
def test_other_columns_than_the_models_are_refused(
    model: RiskModel, shape: tuple[int, ...]
) -> None:
    for call in (model.risk, model.contributions):
        with pytest.raises(InvalidTable, match="needs 5 columns"):
            call(np.zeros(shape, np.float32))


def test_threads_that_share_a_model_get_what_one_gets(model: RiskModel, fitted: Fitted) -> None:
    pieces = np.array_split(fitted.X, 60)
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(model.risk, pieces))
        shares = list(pool.map(model.contributions, pieces))
    assert np.array_equal(np.concatenate(together), model.risk(fitted.X))
    assert np.array_equal(np.concatenate(shares), model.contributions(fitted.X))


def test_a_model_says_what_it_is(model: RiskModel, verified: VerifiedBundle) -> None:
    assert model.version == verified.manifest.version
    assert model.feature_names == verified.manifest.feature_names
    assert model.band(0.6) == "very_high"


def test_severity_is_by_mode_where_there_were_finds(model: RiskModel) -> None:
    assert [model.severity(mode) for mode in ("pov", "ocean", "mail")] == [3.0, 12.0, 5.0]


@pytest.mark.parametrize(
    ("risk", "name"),
    [
        (0.0, "low"),
        (0.0999, "low"),
        (0.1, "medium"),
        (0.2, "high"),
        (0.3, "very_high"),
        (1.0, "very_high"),
    ],
)
def test_a_threshold_belongs_to_the_band_above_it(risk: float, name: str) -> None:
    assert band(risk, Bands(medium=0.1, high=0.2, very_high=0.3)) == name


def test_priority_is_harm_per_minute() -> None:
    assert priority(0.25, 4.0, 10.0) == pytest.approx(0.1)


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("nan")])
def test_an_inspection_takes_time(minutes: float) -> None:
    with pytest.raises(ValueError, match="give its minutes"):
        priority(0.5, 1.0, minutes)
