"""Figures on the terminal."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from training.card import CAUTION, figures_table
from training.foreign.card import table_figures

_MAIN = ("model", "random")
_COMPARED = frozenset({"auc", "average_precision", "capture_at_1", "capture_at_5", "capture_at_10"})


def print_figures(test: Mapping[str, Mapping[str, float]]) -> None:
    """Print the figures of several rankings side by side.

    Parameters
    ----------
    test : mapping of str to mapping of str to float
        Ranking to its figures on the test window.
    """
    main = {name: test[name] for name in test if name in _MAIN}
    console = Console()
    title = "Test window, each inspection weighed by its inverse propensity"
    console.print(_table(title, figures_table(main), list(main)))
    if len(test) > len(main):
        rankings = {
            name: {figure: value for figure, value in stated.items() if figure in _COMPARED}
            for name, stated in test.items()
        }
        console.print(
            _table("The same window by other rankings", figures_table(rankings), list(test))
        )
    console.print(CAUTION, style="dim")


def _table(title: str, rows: list[tuple[str, list[str]]], rankings: list[str]) -> Table:
    table = Table(title=title)
    table.add_column("figure", no_wrap=True)
    for ranking in rankings:
        table.add_column(ranking, justify="right")
    for words, values in rows:
        table.add_row(words, *values)
    return table


def print_table_figures(test: Mapping[str, Mapping[str, float]]) -> None:
    """Print the figures of several learners on the test rows of somebody else's table.

    Parameters
    ----------
    test : mapping of str to mapping of str to float
        Learner to its figures.
    """
    table = Table(title="Test rows")
    table.add_column("figure")
    for learner in test:
        table.add_column(learner, justify="right")
    for words, values in table_figures(test):
        table.add_row(words, *values)
    Console().print(table)
