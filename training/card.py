"""The model card: what a bundle is, written from what was measured."""

from collections.abc import Mapping
from typing import Any

from models.manifest import Statement
from models.targets import read_verdicts, told
from training.metrics import FEWEST_FINDS

CAUTION = "A good result in the simulator does not certify a policy for a real border."

_WORDS = {
    "n_inspected": "inspections that count",
    "n_finds": "finds among them",
    "auc": "area under the ROC curve",
    "average_precision": "average precision",
    "capture_at_1": "finds captured at 1 % capacity",
    "capture_at_5": "finds captured at 5 % capacity",
    "capture_at_10": "finds captured at 10 % capacity",
    "hit_rate_at_1": "hit rate at 1 % capacity (95 %)",
    "hit_rate_at_5": "hit rate at 5 % capacity (95 %)",
    "hit_rate_at_10": "hit rate at 10 % capacity (95 %)",
    "brier": "Brier score",
    "ece": "expected calibration error",
    "mean_risk": "mean risk, expected",
    "prevalence": "share of finds, observed",
    "observed_over_expected": "observed over expected",
}
_COUNTS = frozenset({"n_inspected", "n_finds", "mean_risk"})


def figures_table(test: Mapping[str, Mapping[str, float]]) -> list[tuple[str, list[str]]]:
    """Lay figures of several rankings side by side.

    Parameters
    ----------
    test : mapping of str to mapping of str to float
        Ranking to figures.

    Returns
    -------
    list of tuple of str and list of str
        What a figure is, and its value for each ranking, in order of `test`. A hit rate comes
        with its exact 95 % interval; what rests on fewer than `FEWEST_FINDS` finds is not told.
    """
    return [
        (words, [_told(figure, ranking) for ranking in test.values()])
        for figure, words in _WORDS.items()
        if any(figure in ranking for ranking in test.values())
    ]


def _told(figure: str, ranking: Mapping[str, float]) -> str:
    value = ranking.get(figure)
    if value is None:
        return "-"
    at = figure.removeprefix("hit_rate") if figure.startswith("hit_rate") else ""
    high = ranking.get(f"high{at}")
    few = ranking.get(f"n_finds{at}", FEWEST_FINDS) < FEWEST_FINDS
    if few and figure not in _COUNTS:
        bound = "" if high is None else f", at most {high:.3g}"
        return f"too few finds to say{bound}"
    interval = "" if high is None else f" ({ranking[f'low{at}']:.3g} to {high:.3g})"
    return f"{value:.4g}{interval}"


def model_card(statement: Statement, evaluation: Mapping[str, Any]) -> str:
    """Write the card of a bundle.

    Parameters
    ----------
    statement : Statement
        What the manifest says.
    evaluation : mapping
        `windows`, `test` figures and `targets`, as `evaluation.json` holds them.

    Returns
    -------
    str
        Markdown.
    """
    targets = "No targets were put down before the fit: it cannot be promoted."
    if statement.targets is not None:
        verdicts = read_verdicts(statement.targets, evaluation)
        targets = "\n".join(f"- {told(verdict)}" for verdict in verdicts)
    test = evaluation["test"]
    rows = "\n".join(f"| {words} | {' | '.join(values)} |" for words, values in figures_table(test))
    windows = "\n".join(
        f"| {name} | {window['n_inspected']} | {window['n_finds']} |"
        for name, window in evaluation["windows"].items()
    )
    return f"""# Model card

Risk that an inspection of an item that leaves the country finds trafficked firearms, parts or
ammunition. LightGBM on {len(statement.feature_names)} features of the item and of the history of
its entities; no attribute of a person is among them. The risk is advice to a person.

- Fitted {statement.created_at:%Y-%m-%d %H:%M} UTC, seed {statement.seed}, labels:
  {statement.labels}; items presented from {statement.fit_window.from_at:%Y-%m-%d} to
  {statement.fit_window.until_at:%Y-%m-%d}.
{_about_labels(statement, evaluation)}

| window | inspected | finds |
|---|---|---|
{windows}

Figures on the test window, of a model of the same kind that saw nothing of this window and was
calibrated on the one before; the model of this bundle then learned from all windows. A hit rate
is finds over inspections among the items of highest risk, each inspection counted once, with its
exact 95 % interval (Clopper and Pearson); below {FEWEST_FINDS} finds nothing is said but a bound:

| figure | {" | ".join(test)} |
|---|{"---|" * len(test)}
{rows}

Targets that were put down before the fit:

{targets}

{CAUTION}
"""


_OBSERVED = """\
- Labels exist only where an inspection was completed. Items that nobody opened are not read as
  clean. A clear counts by the probability that its exam would have found something. Officers' own
  picks have no known probability: they are learned from, and left out of calibration and figures.
- Ways of learning were compared on a window that neither fitted nor stopped the trees: inverse
  propensities in the trees {weighting}, weight of a model of the recent window {recent_weight:g}.
  Calibration weighs an inspection by the inverse of the probability that it was chosen with, up
  to a bound, and every figure does in full, up to a higher one."""

_ALL = """\
- The labels are the hidden truth of a simulated world: this is a ceiling to compare with, and
  cannot be promoted. Of {n_compared} learners the best is {learner!r} on the latest
  {recent_share:g} of the history."""


def _about_labels(statement: Statement, evaluation: Mapping[str, Any]) -> str:
    chosen = evaluation["chosen"]
    if statement.labels == "all":
        return _ALL.format(n_compared=len(chosen["average_precision"]), **chosen)
    return _OBSERVED.format(**chosen)
