"""Which rows each table of a history has."""

from collections.abc import Mapping

from service.importing.later import DecisionRows, OutcomeRows
from service.importing.rows import Importer, InspectionRows, ItemRows, Rows, SignalRows


def rows_of(into: Importer, name: str) -> Rows:
    """Choose how the rows of a table are handled.

    Parameters
    ----------
    into : Importer
        Where they go.
    name : str
        One of `files.FILES`.

    Returns
    -------
    Rows
        What reads, looks up and adds them.
    """
    known: Mapping[str, Rows] = {
        "items": ItemRows(into),
        "decisions": DecisionRows(),
        "inspections": InspectionRows(),
        "signals": SignalRows(into),
        "outcomes": OutcomeRows(into),
    }
    return known[name]
