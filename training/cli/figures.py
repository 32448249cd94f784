"""Figures on the terminal."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from training.card import CAUTION, figures_table


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
