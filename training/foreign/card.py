"""The card of a model of somebody else's table."""

from collections.abc import Mapping
from typing import Any

from models.manifest import Statement

WORDS = {
    "n_inspected": "rows",
    "n_finds": "positive rows among them",
    "prevalence": "share of positive rows",
    "average_precision": "average precision",
    "auc": "area under the ROC curve",
    "hit_rate_at_1": "precision in the first 1 % (95 %)",
    "hit_rate_at_5": "precision in the first 5 % (95 %)",
    "hit_rate_at_10": "precision in the first 10 % (95 %)",
    "value_captured_at_10": "value captured in the first 10 %",
    "brier": "Brier score",
    "ece": "expected calibration error",
    "ece_by_chance": "the same by chance alone, were risks exact",
}


def table_figures(test: Mapping[str, Mapping[str, float]]) -> list[tuple[str, list[str]]]:
    """Lay the figures of several learners side by side.

    Parameters
    ----------
    test : mapping of str to mapping of str to float
        Learner to figures.

    Returns
    -------
    list of tuple of str and list of str
        What a figure is, and its value for each learner, `-` where there is none.
    """
    return [
        (words, [_told(figure, stated) for stated in test.values()])
        for figure, words in WORDS.items()
        if any(figure in stated for stated in test.values())
    ]


def _told(figure: str, stated: Mapping[str, float]) -> str:
    value = stated.get(figure)
    if value is None:
        return "-"
    at = figure.removeprefix("hit_rate")
    if not figure.startswith("hit_rate") or f"low{at}" not in stated:
        return f"{value:.4g}"
    return f"{value:.4g} ({stated[f'low{at}']:.3g} to {stated[f'high{at}']:.3g})"


def table_card(
    statement: Statement, evaluation: Mapping[str, Any], chosen: Mapping[str, Any]
) -> str:
    """Write the card.

    Parameters
    ----------
    statement : Statement
        What the manifest says.
    evaluation : mapping
        `windows`, `test`, `repeated_share` and `seen_share`.
    chosen : mapping
        What won on the later part of the fit window.

    Returns
    -------
    str
        Markdown.
    """
    test = evaluation["test"]
    rows = "\n".join(f"| {words} | {' | '.join(said)} |" for words, said in table_figures(test))
    windows = "\n".join(
        f"| {name} | {window['n_rows']} | {window['n_finds']} |"
        for name, window in evaluation["windows"].items()
    )
    scheme = {"others": "blocks taken at random", "earlier": "earlier blocks of time"}
    return f"""# Model card

Risk of a row of somebody else's table, by the mapping in the manifest. No server of Weir uses it:
its columns are not those of Weir's items. It holds the fitted rows in coded form, labels included,
and digests of their values: treat it as you treat the table.

- Fitted {statement.created_at:%Y-%m-%d %H:%M} UTC, seed {statement.seed};
  {len(statement.feature_names)} features: numbers, codes, ratios and norms, and the risk of codes
  and of their combinations. A fitted row sees the labels of {scheme[chosen["scheme"]]}, never its
  own.
- Of the test rows, {evaluation["repeated_share"]:.1%} have codes that were seen together before
  with the same label, {evaluation["seen_share"]:.1%} with any. Figures on the others stand apart
  as "unseen", where both kinds occur.

| window | rows | positive |
|---|---|---|
{windows}

| figure, test window | {" | ".join(test)} |
|---|{"---|" * len(test)}
{rows}

`codes` is LightGBM on integer codes, `logistic` logistic regression on codes and numbers, both
fitted and calibrated on the same windows; `random` is what a random order is expected to reach.
"""
