import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.proofs import FOUND, durability_rows
from training.evaluation import durability_steps
from training.evaluation.children import ChildFailed
from training.evaluation.durability import (
    LEAST_FINDINGS,
    DurabilityRequest,
    durability_targets,
    rows_of,
    run_durability,
)
from training.evaluation.durability_steps import BRIEF, Counts, steps

NONE = Counts(**dict.fromkeys(vars(Counts()), 0))
URL = "postgresql+psycopg://me:hidden@localhost/proof"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path, tuple[str, ...]]]:
    """Answer for every proof; give what was asked for."""
    calls: list[tuple[str, Path, tuple[str, ...]]] = []

    def answer(name: str, folder: Path, *words: str) -> dict[str, Any]:
        calls.append((name, folder, words))
        return FOUND[name]

    monkeypatch.setattr(durability_steps, "proved", answer)
    return calls


def request(folder: Path, **counts: int) -> DurabilityRequest:
    return DurabilityRequest((7,), Counts(**(vars(NONE) | counts)), folder)


def test_steps_of_which_nothing_is_wanted_are_left_out() -> None:
    assert steps(NONE, 1, URL) == []
    names = [step.name for step in steps(BRIEF, 1, None)]
    assert "kills" in names
    assert "kills-postgresql" not in names


def test_every_step_gets_its_seed_and_its_count() -> None:
    (step,) = steps(Counts(**(vars(NONE) | {"kills_with_model": 4})), 9, None)
    assert step.words == ("durability", "--seed", "9", "--cycles", "4", "--model")


def test_what_is_done_is_not_done_again(
    tmp_path: Path, asked: list[tuple[str, Path, tuple[str, ...]]]
) -> None:
    first = run_durability(request(tmp_path, edits=20, races=100, racers=8), None)
    assert [name for name, _, _ in asked] == ["races", "damage"]
    again = run_durability(request(tmp_path, edits=20, races=100, racers=8), None)
    assert len(asked) == 2
    assert again.rows.equals(first.rows)
    assert "2 of 2 steps had been done before in this folder." in again.notes


def test_other_counts_or_another_seed_are_another_step(
    tmp_path: Path, asked: list[tuple[str, Path, tuple[str, ...]]]
) -> None:
    run_durability(request(tmp_path, edits=20), None)
    run_durability(request(tmp_path, edits=21), None)
    assert len(asked) == 2


@pytest.mark.parametrize(("counts", "is_kept"), [({"edits": 5}, False), ({"kills": 5}, True)])
def test_an_interrupted_step_starts_in_a_clean_folder_unless_it_goes_on_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counts: dict[str, int], *, is_kept: bool
) -> None:
    seen: list[bool] = []

    def interrupted(name: str, folder: Path, *_: str) -> dict[str, Any]:
        seen.append((folder / "left").exists())
        (folder / "left").touch()
        if len(seen) == 1:
            raise KeyboardInterrupt
        return FOUND[name]

    monkeypatch.setattr(durability_steps, "proved", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_durability(request(tmp_path, **counts), None)
    run_durability(request(tmp_path, **counts), None)
    assert seen == [False, is_kept]


def test_a_step_that_cannot_be_run_is_missed_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str, *_: object) -> dict[str, Any]:
        if name == "races":
            raise ChildFailed("no room")
        return FOUND[name]

    monkeypatch.setattr(durability_steps, "proved", fail)
    answer = run_durability(request(tmp_path, races=10, racers=8, edits=20), None)
    assert answer.rows["policy"].unique().to_list() == ["damaged bundles"]
    assert [target.what for target in answer.targets if not target.met] == ["races: run to its end"]
    assert "races, seed 7, could not be run: no room" in answer.notes


def test_the_password_of_a_database_is_kept_nowhere(
    tmp_path: Path, asked: list[tuple[str, Path, tuple[str, ...]]]
) -> None:
    asking = replace(request(tmp_path, kills_postgresql=3), database=URL)
    answer = run_durability(asking, None)
    assert asked[0][2][-1] == URL
    written = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    told = json.dumps([answer.notes, asking.parameters()])
    assert "hidden" not in written + told


def test_one_wrong_race_misses_its_target_alone() -> None:
    missed = [
        target for target in durability_targets(durability_rows(), BRIEF, []) if not target.met
    ]
    assert [(each.what, each.value) for each in missed] == [("races to claim: wrong", 1)]


def test_what_went_wrong_is_added_up() -> None:
    found = {
        "swaps": {"offered": 90.0, "failed": 1.0, "wrong": 2.0, "taken": 4.0, "p99_ratio": 9.0}
    }
    rows = {figure: value for figure, _, _, _, _, value in rows_of(found, 1)}
    assert rows["went_wrong"] == 7


def test_a_full_run_must_acknowledge_enough_findings() -> None:
    (findings,) = (
        each
        for each in durability_targets(durability_rows(), Counts(), [])
        if each.what.startswith("findings")
    )
    assert (findings.value, findings.limit, findings.met) == (800, LEAST_FINDINGS, False)


def test_made_up_requests_are_counted_from_what_the_tests_print(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def say(text: str, code: int) -> Callable[..., Any]:
        from subprocess import CompletedProcess  # noqa: PLC0415

        return lambda *_: CompletedProcess([], code, text, "")

    told = "600 requests on 30 routes in 8 roles\nreplies by status: 200: 600\n2 faults\n"
    monkeypatch.setattr(durability_steps, "run", say(told, 1))
    (step,) = steps(Counts(**(vars(NONE) | {"made_up_requests": 600})), 1, None)
    assert step.run(tmp_path) == {"made-up requests": {"offered": 600, "failed": 2}}
    monkeypatch.setattr(durability_steps, "run", say("a fault\n", 1))
    with pytest.raises(ChildFailed, match="a fault"):
        step.run(tmp_path)
