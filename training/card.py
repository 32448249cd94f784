"""The model card: what a bundle is, written from what was measured."""

from collections.abc import Mapping
from typing import Any

from models.manifest import Statement

CAUTION = "A good result in the simulator does not certify a policy for a real border."

_WORDS = {
    "n_inspected": "inspections that count",
    "n_finds": "finds among them",
    "auc": "area under the ROC curve",
    "average_precision": "average precision",
    "capture_at_1": "finds captured at 1 % capacity",
    "capture_at_5": "finds captured at 5 % capacity",
    "capture_at_10": "finds captured at 10 % capacity",
    "brier": "Brier score",
    "ece": "expected calibration error",
}


def figures_table(test: Mapping[str, Mapping[str, float]]) -> list[tuple[str, list[str]]]:
    """Lay figures of several rankings side by side.

    Parameters
    ----------
    test : mapping of str to mapping of str to float
        Ranking to figures.

    Returns
    -------
    list of tuple of str and list of str
        What a figure is, and its value for each ranking, in order of `test`.
    """
    return [
        (
            words,
            [
                "-" if (value := ranking.get(figure)) is None else f"{value:.4g}"
                for ranking in test.values()
            ],
        )
        for figure, words in _WORDS.items()
        if any(figure in ranking for ranking in test.values())
    ]


def model_card(statement: Statement, evaluation: Mapping[str, Any]) -> str:
    """Write the card of a bundle.

    Parameters
    ----------
    statement : Statement
        What the manifest says.
    evaluation : mapping
        `windows` and `test` figures, as `evaluation.json` holds them.

    Returns
    -------
    str
        Markdown.
    """
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
- Labels exist only where an inspection was completed. Items that nobody opened are not read as
  clean. Trees are fitted unweighted; calibration and every figure weigh an inspection by the
  inverse of the probability that it was chosen with. Officers' own picks have no known
  probability: they are learned from, and left out of calibration and figures.

| window | inspected | finds |
|---|---|---|
{windows}

Figures on the test window, later than everything the model saw:

| figure | {" | ".join(test)} |
|---|{"---|" * len(test)}
{rows}

{CAUTION}
"""
