from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.proofs import HTTP, PEERS, speed_rows
from tests.worlds import write_folder
from training.batch import GROUP_ROWS
from training.evaluation import speed as bench
from training.evaluation.batch_pace import measure_batch, measure_peak, write_matrices
from training.evaluation.children import ChildFailed, proved
from training.evaluation.speed import FULL, SpeedRequest
from training.evaluation.speed_figures import http_rows, peer_rows, speed_targets
from training.score import compute_matrix


def value(rows: pl.DataFrame, figure: str, policy: str, at: str, seed: int = 1) -> float:
    found = rows.filter(figure=figure, policy=policy, at=at, seed=seed)["value"]
    assert len(found) == 1
    return float(found[0])


def test_turns_of_the_service_become_a_row_for_each_turn() -> None:
    rows = speed_rows()
    assert value(rows, "cpu_us", "echo", "single items") == 200
    assert value(rows, "cpu_ratio", "weir serve", "single items", 2) == 0.3
    assert value(rows, "p99_ms", "weir serve", "batches of 100", 2) == 30


def test_peers_are_held_against_both_of_ours_in_the_same_turn() -> None:
    rows = speed_rows()
    assert value(rows, "rate_over_thin", "LitServe", "1 row") == 0.25
    assert value(rows, "cpu_over_thin", "LitServe", "1 row") == 4
    assert value(rows, "rate_over_whole", "LitServe", "1 row") == 0.5
    assert value(rows, "cpu_over_whole", "LitServe", "1 row") == 2
    assert value(rows, "rate_over_thin", "thin route", "1 row") == 1


def test_a_peer_that_gave_up_has_no_row_for_the_turn_that_it_missed() -> None:
    assert speed_rows().filter(policy="LitServe", seed=2).is_empty()


def test_turns_and_seeds_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        http_rows(HTTP, (1, 2, 3))
    with pytest.raises(ValueError, match="zip"):
        peer_rows(PEERS, (1,))


def test_medians_are_held_against_what_was_asked_for() -> None:
    met = {target.what: target.met for target in speed_targets(speed_rows(), HTTP)}
    assert met == dict.fromkeys(met, True)
    assert len(met) == 7
    slower = speed_rows().with_columns(
        value=pl.when(figure="rows_ratio").then(0.8).otherwise("value")
    )
    missed = [target.what for target in speed_targets(slower, HTTP) if not target.met]
    assert missed == ["rows a second of batch scoring over Booster.predict, one thread each"]


def test_small_fits_are_not_held_against_targets_of_large_ones() -> None:
    small = speed_rows().filter(~((pl.col("policy") == "fit") & (pl.col("at") == "largest")))
    assert not any("fit" in target.what for target in speed_targets(small, HTTP))


def test_what_could_not_be_measured_is_missed() -> None:
    targets = speed_targets(speed_rows().filter(pl.col("figure") != "memory_growth"), HTTP)
    (memory,) = (target for target in targets if target.what.startswith("peak memory of batch"))
    assert (memory.value, memory.met) == (None, False)


def test_batch_scoring_is_timed_beside_prediction_and_its_memory_is_flat(tmp_path: Path) -> None:
    matrix = compute_matrix(write_folder(tmp_path / "world"))
    peaks = []
    for n_rows in (GROUP_ROWS, 3 * GROUP_ROWS):
        folder = tmp_path / str(n_rows)
        folder.mkdir()
        write_matrices(matrix, n_rows, folder, 1)
        assert pl.scan_parquet(folder / "*.parquet").select(pl.len()).collect().item() == n_rows
        peaks.append(measure_peak(folder))
    # the second group is read while the first is scored, so that two are held from two on
    assert peaks[1] < 1.35 * peaks[0]
    pace = measure_batch(tmp_path / str(GROUP_ROWS), n_threads=1)
    assert pace.rows_per_second > 0
    assert 0.1 < pace.cpu_ratio < 1.2


def test_peers_that_cannot_be_measured_are_a_note_and_no_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ChildFailed("no network")

    monkeypatch.setattr(bench, "proved", fail)
    notes: list[str] = []
    request = SpeedRequest("demo", (1,), 0.1, 6)
    assert bench.measure_peers(request, tmp_path, notes, lambda *_: None) == ([], {})
    assert notes == ["Other model servers could not be measured: no network"]


def test_a_proof_that_writes_nothing_has_failed(tmp_path: Path) -> None:
    (tmp_path / "speed.json").write_text("{}")
    with pytest.raises(ChildFailed, match=r"weir bench speed ended without a result: .*--turns"):
        proved("speed", tmp_path, "--turns", "0")


def test_a_request_says_its_sizes() -> None:
    full = SpeedRequest("demo", (1, 2), 1.0, 12)
    assert full.parameters()["fit_rows"] == list(FULL.fit_rows)
    assert "2 turns" in full.headline()
    assert replace(full, brief=True).parameters()["batch_rows"] < FULL.batch_rows
