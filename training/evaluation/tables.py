"""Figures laid out for people: policies down, figures across; and two results side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from features.errors import InvalidTable


class Column(NamedTuple):
    """One column of a table.

    Parameters
    ----------
    title : str
        Its head.
    figure, part, at : str
        What it shows.
    worst : bool
        Whether it shows the worst world instead of the median and its interval.
    """

    title: str
    figure: str
    part: str = "all"
    at: str = ""
    worst: bool = False


@dataclass(frozen=True)
class Laid:
    """A table in words.

    Parameters
    ----------
    title : str
        What it is.
    head : list of str
        Heads of the columns.
    rows : list of list of str
        Cells.
    """

    title: str
    head: list[str]
    rows: list[list[str]]

    def to_markdown(self) -> str:
        """Write the table in Markdown.

        Returns
        -------
        str
            With a line at its end.
        """
        lines = [self.head, ["---", *["---:"] * (len(self.head) - 1)], *self.rows]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def tell(value: float | None) -> str:
    """Write a figure.

    Parameters
    ----------
    value : float or None
        The figure.

    Returns
    -------
    str
        Three digits that count, at most four of them after the point; a dash for none.

    Examples
    --------
    >>> tell(0.12345), tell(None), tell(1234.0), tell(0.00012345)
    ('0.123', '-', '1230', '0.0001')
    """
    if value is None:
        return "-"
    rounded = round(float(f"{value:.3g}"), 4)
    return f"{rounded:.3g}" if abs(rounded) < 1000 else f"{rounded:.0f}"  # noqa: PLR2004 - 3 digits


def tell_figure(figure: Mapping[str, Any] | None) -> str:
    """Write the median of a figure and where its interval lies.

    Parameters
    ----------
    figure : mapping or None
        From `summary.summarise`.

    Returns
    -------
    str
        `median (low to high)`; the median alone for one world.
    """
    if figure is None or figure["median"] is None:
        return "-"
    if figure["n_seeds"] == 1:
        return tell(figure["median"])
    return f"{tell(figure['median'])} ({tell(figure['low'])} to {tell(figure['high'])})"


def lay(
    title: str,
    figures: Sequence[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    short: bool = False,
) -> Laid:
    """Lay figures out, a line for each policy.

    Parameters
    ----------
    title : str
        What the table is.
    figures : sequence of mapping
        From `summary.summarise`.
    columns : sequence of Column
        What to show.
    short : bool
        Whether to leave intervals out.

    Returns
    -------
    Laid
        Policies that have none of the figures are left out.
    """
    by_key = {_key(figure): figure for figure in figures}
    rows = []
    for policy in dict.fromkeys(str(figure["policy"]) for figure in figures):
        found = [by_key.get((each.figure, policy, each.part, each.at)) for each in columns]
        if any(found):
            told = zip(columns, found, strict=True)
            cells = [_cell(column, each, short=short) for column, each in told]
            rows.append([policy, *cells])
    return Laid(title, ["policy", *(each.title for each in columns)], rows)


def _cell(column: Column, figure: Mapping[str, Any] | None, *, short: bool) -> str:
    if figure is None:
        return "-"
    if column.worst or short:
        return tell(figure["worst" if column.worst else "median"])
    return tell_figure(figure)


def lay_targets(result: Mapping[str, Any]) -> list[Laid]:
    """Lay out what the figures of a result were held against.

    Parameters
    ----------
    result : mapping
        From `result.make_result`.

    Returns
    -------
    list of Laid
        One table; none if there are no targets.
    """
    rows = [
        [each["what"], tell(each["value"]), each["target"], "met" if each["met"] else "MISSED"]
        for each in result.get("targets", ())
    ]
    return [Laid("Targets", ["target", "median", "wanted", "met"], rows)] if rows else []


def find(
    figures: Sequence[Mapping[str, Any]], policy: str, column: Column
) -> Mapping[str, Any] | None:
    """Find one figure of a policy.

    Parameters
    ----------
    figures : sequence of mapping
        From `summary.summarise`.
    policy : str
        Whose.
    column : Column
        Which.

    Returns
    -------
    mapping or None
        None if it is not among them.
    """
    wanted = (column.figure, policy, column.part, column.at)
    return next((each for each in figures if _key(each) == wanted), None)


def _key(figure: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return figure["figure"], figure["policy"], figure["part"], figure["at"]


def compare(
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    *,
    part: str = "all",
    figure: str | None = None,
) -> tuple[Laid, list[str]]:
    """Put two results side by side.

    Parameters
    ----------
    first, second : mapping
        Results of one benchmark.
    part : str
        Which part of the items.
    figure : str, optional
        Only this figure.

    Returns
    -------
    table : Laid
        Figure by figure: both medians, and over the seeds that both ran the median difference and
        how many seeds it is above 0 in.
    warnings : list of str
        What differs between the two beside the code.

    Raises
    ------
    InvalidTable
        If the two are of different benchmarks, or have no figure in common in that part.
    """
    if first["bench"] != second["bench"]:
        raise InvalidTable(
            f"one result is of {first['bench']}, the other of {second['bench']}; give two of one"
        )
    others = {_key(figure): figure for figure in second["figures"]}
    rows = [
        [each["figure"], each["policy"], each["at"], *_difference(each, others[_key(each)])]
        for each in first["figures"]
        if each["part"] == part and figure in {None, each["figure"]} and _key(each) in others
    ]
    if not rows:
        raise InvalidTable(
            f"the results have no {figure or 'figure'} in common for part {part!r}", field="part"
        )
    head = ["figure", "policy", "at", "first", "second", "second - first", "seeds above"]
    warnings = [
        f"{kind}: {name} is {first[kind].get(name)} and {second[kind].get(name)}"
        for kind in ("parameters", "versions")
        for name in sorted({*first[kind], *second[kind]})
        if first[kind].get(name) != second[kind].get(name)
    ]
    return Laid(f"{first['bench']}, {part}", head, rows), warnings


def _difference(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    seeds = [seed for seed in first["values"] if seed in second["values"]]
    gaps = [second["values"][seed] - first["values"][seed] for seed in seeds]
    apart = median(gaps) if gaps else None
    above = f"{sum(gap > 0 for gap in gaps)} of {len(gaps)}"
    return [tell(first["median"]), tell(second["median"]), tell(apart), above]
