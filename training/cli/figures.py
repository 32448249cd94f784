"""Figures on the terminal."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from training.card import CAUTION, figures_table
from training.foreign.card import table_figures


def print_figures(test: Mapping[str, Mapping[str, float]]) -> None:
    """Print the figures of several rankings side by side.

    Parameters
    ----------
    test : mapping of str to mapping of str to float
        Ranking to its figures on the test window.
    """
    table = Table(title="Test window, each inspection weighed by its inverse propensity")
    table.add_column("figure")
    for ranking in test:
        table.add_column(ranking, justify="right")
    for words, values in figures_table(test):
        table.add_row(words, *values)
    console = Console()
    console.print(table)
    console.print(CAUTION, style="dim")


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
