from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from models.documents import write_json
from models.targets import Bound, Measured, Targets, state_verdicts
from tests.serving import manifest_of
from training.demo.run import missed_targets

TARGETS = Targets(
    sha256="0" * 64,
    stored_at=datetime(2026, 11, 1, tzinfo=UTC),
    figures={"auc": Bound(at_least=0.6), "n_finds": Bound(at_least=10)},
)


def test_the_targets_that_a_fit_missed_are_told_in_words(tmp_path: Path) -> None:
    measured = {"auc": Measured(0.55, 0.4, 0.7), "n_finds": Measured(12, None, None)}
    evaluation: dict[str, JsonValue] = {
        "test": {"model": {"auc": 0.55, "n_finds": 12}},
        "targets": state_verdicts(TARGETS, measured),
    }
    (tmp_path / "evaluation.json").write_bytes(write_json(evaluation))
    assert missed_targets(manifest_of(targets=TARGETS), tmp_path) == (
        "auc at least 0.6: 0.55 (95 %: 0.4 to 0.7), missed",
    )
