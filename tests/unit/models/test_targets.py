import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.errors import BundleRefused, InvalidTargets
from models.manifest import Statement
from models.targets import (
    DEFAULT_TARGETS,
    Bound,
    Measured,
    Targets,
    read_targets,
    read_verdicts,
    require_met,
    state_verdicts,
    told,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOOD = {"auc": Measured(0.8, 0.7, 0.9), "ece": Measured(0.01, 0.0, 0.02)}


def _evaluation(targets: Targets, measured: dict[str, Measured]) -> dict[str, Any]:
    model = {name: figure for name, (figure, _, _) in measured.items() if figure is not None}
    return {"test": {"model": model}, "targets": state_verdicts(targets, measured)}


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "targets.toml"
    path.write_text(text)
    return path


def test_a_file_of_targets_is_kept_with_its_hash_and_its_moment(tmp_path: Path) -> None:
    path = _written(tmp_path, "[auc]\nat_least = 0.6\n[ece]\nat_most = 0.03\n")
    targets = read_targets(path, NOON)
    assert targets.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert targets.stored_at == NOON
    assert targets.figures == {"auc": Bound(at_least=0.6), "ece": Bound(at_most=0.03)}


def test_the_targets_that_come_with_weir_can_be_read() -> None:
    assert read_targets(DEFAULT_TARGETS, NOON).figures["auc"].at_least == 0.55


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "targets.toml: figures|targets"),
        ("[auc]\n", "auc"),
        ("[auc]\nat_least = 0.9\nat_most = 0.1\n", "must not be more"),
        ("[auc]\nat_least = nan\n", "auc"),
        ("[auc]\natleast = 0.9\n", "auc"),
        ("auc = 0.9\n", "auc"),
        ("[AUC]\nat_least = 0.9\n", "AUC"),
        ("[auc\n", "cannot be read"),
    ],
)
def test_a_file_that_asks_for_nothing_is_refused_by_name(
    tmp_path: Path, text: str, named: str
) -> None:
    with pytest.raises(InvalidTargets, match=named):
        read_targets(_written(tmp_path, text), NOON)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidTargets, match=r"absent\.toml cannot be read"):
        read_targets(tmp_path / "absent.toml", NOON)


@given(low=st.floats(-1, 1), width=st.floats(0, 1), figure=st.floats(-2, 2, allow_subnormal=False))
def test_a_bound_holds_exactly_between_its_ends(low: float, width: float, figure: float) -> None:
    bound = Bound(at_least=low, at_most=low + width)
    assert bound.holds(figure) == (low <= figure <= low + width)


def test_targets_that_are_met_are_told_with_figure_and_interval(targets: Targets) -> None:
    verdicts = require_met(targets, _evaluation(targets, GOOD))
    assert [told(verdict) for verdict in verdicts] == [
        "auc at least 0.7: 0.8 (95 %: 0.7 to 0.9), met",
        "ece at most 0.03: 0.01 (95 %: 0 to 0.02), met",
    ]


def test_a_missed_target_is_refused_with_its_figure(targets: Targets) -> None:
    evaluation = _evaluation(targets, GOOD | {"auc": Measured(0.6, 0.5, 0.7)})
    with pytest.raises(BundleRefused, match=r"auc at least 0\.7: 0\.6 .*, missed") as refused:
        require_met(targets, evaluation)
    assert "ece" not in str(refused.value)


def test_a_figure_that_could_not_be_measured_is_missed(targets: Targets) -> None:
    evaluation = _evaluation(targets, GOOD | {"ece": Measured(None, None, None)})
    with pytest.raises(BundleRefused, match="too little to say, missed"):
        require_met(targets, evaluation)


def test_without_targets_nothing_is_met(targets: Targets) -> None:
    with pytest.raises(BundleRefused, match="no targets were stored before"):
        require_met(None, _evaluation(targets, GOOD))


@pytest.mark.parametrize(
    "change",
    [
        {"targets": None},
        {"test": {}},
        {"targets": {}},
        {"targets": {"auc": {"figure": 0.8, "low": 0.7, "high": 0.9, "met": True}}},
        {"test": {"model": {"auc": 0.79, "ece": 0.01}}},
        {"test": {"model": {"auc": True, "ece": 0.01}}},
    ],
)
def test_an_evaluation_that_is_silent_or_contradicts_itself_is_refused(
    targets: Targets, change: dict[str, Any]
) -> None:
    with pytest.raises(BundleRefused, match=r"evaluation\.json"):
        read_verdicts(targets, _evaluation(targets, GOOD) | change)


def test_an_evaluation_cannot_call_a_missed_target_met(targets: Targets) -> None:
    evaluation = _evaluation(targets, GOOD | {"auc": Measured(0.6, 0.5, 0.7)})
    evaluation["targets"]["auc"]["met"] = True
    with pytest.raises(BundleRefused, match="not what is so"):
        require_met(targets, evaluation)


def test_targets_cannot_be_put_down_after_the_fit(statement: Statement, targets: Targets) -> None:
    late = targets.model_copy(update={"stored_at": statement.created_at + timedelta(seconds=1)})
    with pytest.raises(ValidationError, match="before the fit"):
        Statement.model_validate(statement.model_dump() | {"targets": late.model_dump()})
