import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.catalogue import FEATURE_NAMES, catalogue_hash
from features.errors import InvalidTable, WeirError
from models.bundle import load_bundle, verify_bundle
from models.errors import BundleRefused
from models.signing import load_or_create_key, trusted_keys
from models.targets import Bound, Targets
from tests.fakes import START
from training import fit
from training.bundling import fit_bundle, weighted_quantile
from training.dataset import Dataset, labelled
from training.fit import N_STEPS, Fitted, fit_model
from training.learner import Recipe, grow, raw_scores
from training.metrics import ranking_figures
from training.parameters import PARAMETERS
from training.score import compute_matrix, open_bundle, score_folder, write_whole
from training.tables import read_tables
from training.windows import cut

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TARGETS = Targets(
    sha256="0" * 64,
    stored_at=NOW,
    figures={"auc": Bound(at_least=0.75), "capture_at_1": Bound(at_least=0.99)},
)


@pytest.fixture(scope="module")
def bundle(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("fit")
    key = load_or_create_key(place / "state")
    fit_bundle(data_folder, place / "bundle", key, created_at=NOW, targets=TARGETS, n_threads=1)
    return place / "bundle"


def _state(bundle: Path) -> Path:
    return bundle.parent / "state"


@pytest.fixture(scope="module")
def data(data_folder: Path) -> Dataset:
    return labelled(read_tables(data_folder))


@pytest.fixture(scope="module")
def fitted(data: Dataset) -> Fitted:
    return fit_model(data, seed=1, n_threads=1)


def test_the_model_finds_the_signal_that_is_there(fitted: Fitted) -> None:
    assert fitted.model["auc"] > 0.75
    assert fitted.model["capture_at_10"] > 2 * fitted.random["capture_at_10"]


def test_permuted_labels_give_no_lift(data: Dataset) -> None:
    recipe = Recipe("unweighted", PARAMETERS, FEATURE_NAMES, seed=1)
    areas = []
    for seed in range(8):
        shuffled = replace(data, y=np.random.default_rng(seed).permutation(data.y))
        early, late = cut(shuffled, (0.7,))
        score = raw_scores(grow(recipe, early, 40), late.X)
        areas.append(ranking_figures(score, late.y, late.weight)["auc"])
    assert abs(float(np.mean(areas)) - 0.5) < 0.05


def test_the_same_seed_gives_the_same_model_on_one_thread_or_two(
    data: Dataset, fitted: Fitted
) -> None:
    told: list[tuple[int, int]] = []
    again = fit_model(data, seed=1, n_threads=2, progress=lambda *step: told.append(step))
    assert again.booster.model_to_string() == fitted.booster.model_to_string()
    assert again.calibration == fitted.calibration
    assert told == [(done, N_STEPS) for done in range(1, N_STEPS + 1)]


def test_rules_logistic_regression_and_histograms_are_judged_beside_the_model(
    fitted: Fitted,
) -> None:
    shown = fitted.figures()
    assert list(shown) == ["model", "random", "rules", "logistic", "histogram"]
    assert shown["logistic"]["auc"] > 0.7
    assert shown["histogram"]["auc"] > 0.7
    assert {each["n_finds"] for name, each in shown.items() if name != "random"} == {
        float(fitted.split.test.y.sum())
    }


def test_a_written_bundle_verifies_and_says_what_it_is(bundle: Path) -> None:
    verified = verify_bundle(bundle, trusted_keys(_state(bundle)))
    manifest = verified.manifest
    assert manifest.created_at == NOW
    assert manifest.catalogue_hash == catalogue_hash()
    assert manifest.labels == "observed"
    assert manifest.fit_window.from_at >= START
    assert manifest.severity_overall == 2.0
    assert manifest.severity_by_mode == {"pov": 2.0}
    card = (bundle / "card.md").read_text()
    assert "does not certify a policy for a real border" in card
    evaluation = json.loads((bundle / "evaluation.json").read_text())
    assert f"{evaluation['test']['model']['auc']:.4g}" in card


def test_targets_go_into_the_manifest_and_verdicts_into_evaluation_and_card(bundle: Path) -> None:
    manifest = verify_bundle(bundle, trusted_keys(_state(bundle))).manifest
    assert manifest.targets == TARGETS
    evaluation = json.loads((bundle / "evaluation.json").read_text())
    area, captured = (evaluation["targets"][name] for name in ("auc", "capture_at_1"))
    assert (area["met"], captured["met"]) == (True, False)
    assert area["figure"] == evaluation["test"]["model"]["auc"]
    assert area["low"] < area["figure"] < area["high"]
    card = (bundle / "card.md").read_text()
    assert "- auc at least 0.75: " in card
    assert "- capture_at_1 at least 0.99: " in card


def test_scores_are_what_the_loaded_bundle_says_of_the_matrix(
    bundle: Path, data_folder: Path
) -> None:
    trusted = trusted_keys(_state(bundle))
    scores = score_folder(data_folder, open_bundle(bundle, trusted))
    matrix = compute_matrix(data_folder)
    model = load_bundle(verify_bundle(bundle, trusted))
    assert scores.columns == ["item_id", "risk"]
    assert scores["item_id"].to_list() == matrix.item_ids
    np.testing.assert_array_equal(scores["risk"].to_numpy(), model.risk(matrix.X))


def test_scoring_from_a_day_includes_the_day_and_gives_the_same_risks(
    bundle: Path, data_folder: Path
) -> None:
    model = open_bundle(bundle, trusted_keys(_state(bundle)))
    since = START + timedelta(minutes=2_990)
    late = score_folder(data_folder, model, since=since)
    whole = score_folder(data_folder, model)
    assert late["item_id"].to_list() == [f"V{n}" for n in range(2_990, 3_000)]
    assert late["risk"].to_list() == whole["risk"].to_list()[-10:]


def test_a_fit_until_a_moment_does_not_see_what_came_later(
    data_folder: Path, tmp_path: Path
) -> None:
    key = load_or_create_key(tmp_path / "state")
    until = START + timedelta(minutes=2_000)
    manifest, _ = fit_bundle(
        data_folder, tmp_path / "a", key, created_at=NOW, until=until, n_threads=1
    )
    assert manifest.label_window.until_at <= until
    later = tmp_path / "cut"
    later.mkdir()
    known = read_tables(data_folder).known_before(until)
    known.items.write_parquet(later / "items.parquet")
    known.inspections.write_parquet(later / "inspections.parquet")
    known.decisions.write_parquet(later / "decisions.parquet")
    fit_bundle(later, tmp_path / "b", key, created_at=NOW, n_threads=1)
    for file in ("model.txt", "calibration.json", "evaluation.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_the_key_that_fit_makes_is_trusted_by_score_and_a_foreign_one_is_not(
    bundle: Path, tmp_path: Path
) -> None:
    load_or_create_key(tmp_path)
    with pytest.raises(BundleRefused):
        open_bundle(bundle, trusted_keys(tmp_path))


def test_the_value_from_which_a_share_of_the_weight_lies() -> None:
    values, weight = np.array([3.0, 1.0, 2.0]), np.array([1.0, 8.0, 1.0])
    assert weighted_quantile(values, weight, 0.10) == 3.0
    assert weighted_quantile(values, weight, 0.20) == 2.0
    assert weighted_quantile(values, weight, 0.21) == 1.0


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(WeirError, match="cannot be written"):
        write_whole(pl.DataFrame({"a": [1]}), tmp_path / "absent" / "x.parquet")
    write_whole(pl.DataFrame({"a": [1]}), tmp_path / "x.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["x.parquet"]


def test_too_few_finds_are_refused_and_nothing_is_written(
    data_folder: Path, tmp_path: Path
) -> None:
    key = load_or_create_key(tmp_path / "state")
    with pytest.raises(InvalidTable, match="give a longer period"):
        fit_bundle(
            data_folder,
            tmp_path / "bundle",
            key,
            created_at=NOW,
            until=START + timedelta(minutes=45),
        )
    assert not (tmp_path / "bundle").exists()


def test_many_labels_are_compared_by_a_draw_and_learned_from_whole(
    data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "MOST_COMPARED", 900)
    fitted = fit_model(data, seed=1, n_threads=2)
    parts = vars(fitted.split).values()
    assert 800 < sum(len(part.y) for part in parts) < 1_000
    rounds = fitted.chosen["n_rounds"]
    assert fitted.booster.num_trees() == rounds
    assert fitted.model["auc"] > 0.7
