"""Run a world and write what it leaves behind."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from features.errors import WeirError
from features.records import TABLES
from training.simulation.calibrate import legacy_policy
from training.simulation.environment import Environment, WeekRecord
from training.simulation.exams import standing
from training.simulation.setting import Setting
from training.simulation.tables import TableStreams
from training.simulation.traffic import truth_rows
from training.simulation.world import World

FORMAT = "weir-world-1"
DEFAULT_START = date(2025, 1, 6)
FILES = ("items", "signals", "decisions", "inspections", "truth")
LEAKAGE = pl.Schema(
    {
        "event_id": pl.String(),
        "network": pl.String(),
        "day": pl.Date(),
        "stream": pl.String(),
        "way": pl.String(),
        "n_firearms": pl.Int64(),
        "n_parts": pl.Int64(),
        "n_rounds": pl.Int64(),
        "severity": pl.Float64(),
    }
)
CAVEAT = "A good result in the simulator does not certify a policy for a real border."

Progress = Callable[[int, int, int], None]


class OutputInTheWay(WeirError):  # noqa: N818 - named after the user's mistake
    """A folder that is not empty and is not a simulated world."""


def simulate(  # noqa: PLR0913 - the parameters are those of the command
    world: World,
    *,
    seed: int,
    weeks: int,
    out: Path,
    scale: float = 1.0,
    start: date | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Simulate a world and write its tables.

    Parameters
    ----------
    world : World
        From `world.load_world`.
    seed : int
        Same seed, same files, byte for byte.
    weeks : int
        How many weeks, at least 1.
    out : Path
        A folder: absent, empty, or a world to be replaced.
    scale : float
        Share of actors to keep; the trips of those that stay do not change.
    start : datetime.date, optional
        First day; 2025-01-06, a Monday, if not given.
    progress : callable, optional
        Called after each week with the weeks done, all weeks, and the items so far.

    Returns
    -------
    dict
        What is written to `world.json`.

    Raises
    ------
    OutputInTheWay
        If the folder holds something else.
    WeirError
        If weeks or scale are impossible.
    """
    if weeks < 1:
        raise WeirError(f"weeks is {weeks}; give 1 or more", field="weeks")
    if not 0 < scale <= 1:
        raise WeirError(f"scale is {scale}; give a share above 0 and up to 1", field="scale")
    out = out.resolve()
    _refuse_other_folders(out)
    setting = Setting(world, seed, start or DEFAULT_START, scale)
    with _folder_aside(out) as staging:
        counts = _run(setting, weeks, staging, progress)
        summary = describe(setting, weeks, counts)
        text = json.dumps(summary, indent=2, sort_keys=True)
        (staging / "world.json").write_text(text + "\n", encoding="utf-8")
        if out.exists():
            shutil.rmtree(out)
        staging.rename(out)
    return summary


@contextmanager
def _folder_aside(out: Path) -> Iterator[Path]:
    """Give a hidden folder beside the place of the world; it goes unless it was renamed."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    except OSError as error:
        raise OutputInTheWay(f"{out} cannot be made: {error.strerror}", field="out") from error
    try:
        staging.chmod(0o755)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _refuse_other_folders(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise OutputInTheWay(f"{out} is a file; name a folder", field="out")
    present = {entry.name for entry in out.iterdir()}
    if present and not is_world(out):
        raise OutputInTheWay(
            f"{out} is not empty and not a simulated world; name another folder", field="out"
        )
    foreign = sorted(present - {*(f"{name}.parquet" for name in (*FILES, "leakage")), "world.json"})
    if foreign:
        raise OutputInTheWay(
            f"{out} is a world with {foreign[0]} in it, which would be lost; move it away",
            field="out",
        )


def is_world(folder: Path) -> bool:
    """Tell whether a folder holds a simulated world.

    Parameters
    ----------
    folder : Path
        Any folder.

    Returns
    -------
    bool
        True if its `world.json` says so.
    """
    try:
        text = (folder / "world.json").read_text(encoding="utf-8")
        return bool(json.loads(text).get("format") == FORMAT)
    except (OSError, ValueError, AttributeError):
        return False


def _run(setting: Setting, weeks: int, folder: Path, progress: Progress | None) -> dict[str, int]:
    environment, policy = Environment(setting), legacy_policy(setting)
    schemas = {name: TABLES[name].schema for name in FILES} | {"leakage": LEAKAGE}
    counts = dict.fromkeys((*schemas, "illicit", "finds", "true_finds"), 0)
    end = setting.start + timedelta(days=7 * weeks)
    with TableStreams(folder, schemas) as streams:
        for week in range(weeks):
            rows = _rows(environment.advance(policy), end)
            for name in schemas:
                streams.write(name, rows[name])
                counts[name] += len(rows[name])
            for name, count in count_finds(rows).items():
                counts[name] += count
            if progress is not None:
                progress(week + 1, weeks, counts["items"])
    return counts


def _rows(record: WeekRecord, end: date) -> dict[str, pl.DataFrame]:
    known = pl.col("known_at") < pl.lit(end).cast(pl.Datetime("us", "UTC"))
    traffic = record.traffic
    return {
        "items": TABLES["items"].check(traffic.items),
        "signals": record.signals.filter(known),
        "decisions": record.decisions,
        "inspections": record.inspections,
        "truth": truth_rows(traffic.items, traffic.hidden),
        "leakage": traffic.leakage.select(LEAKAGE.names()),
    }


def count_finds(rows: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """Count what was carried and what was found.

    Parameters
    ----------
    rows : mapping of str to polars.DataFrame
        The tables `truth` and `inspections`.

    Returns
    -------
    dict of str to int
        `illicit` items; `finds`, of which those that a correction took back do not count; and
        `true_finds`, those in illicit items.
    """
    illicit = rows["truth"].filter("illicit").select("item_id")
    finds = standing(rows["inspections"]).filter(pl.col("outcome") == "find").select("item_id")
    true_finds = finds.join(illicit, on="item_id", how="semi")
    return {"illicit": len(illicit), "finds": len(finds), "true_finds": len(true_finds)}


def describe(setting: Setting, weeks: int, counts: Mapping[str, int]) -> dict[str, Any]:
    """Say what a world is, and how its figures are to be read.

    Parameters
    ----------
    setting : Setting
        World, seed, start and scale.
    weeks : int
        How many.
    counts : mapping of str to int
        Rows by table.

    Returns
    -------
    dict
        JSON values only.
    """
    world, start = setting.world, setting.start
    parameters = world.model_dump(mode="json", exclude={"name", "title", "origins"})
    digest = sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
    factor = world.trafficking.oversample
    return {
        "format": FORMAT,
        "world": world.name,
        "title": world.title,
        "seed": setting.seed,
        "weeks": weeks,
        "scale": setting.scale,
        "start": start.isoformat(),
        "end": (start + timedelta(days=7 * weeks)).isoformat(),
        "volume_fraction": world.volume.fraction,
        "oversample": {
            "factor": factor,
            "meaning": (
                f"Trafficking is {factor:g} times as frequent among the items as the facts say; "
                "prevalence, hit rates and precision must be divided accordingly before they are "
                "read as figures of a border. Shares of what is captured need no such correction."
            ),
        },
        "volumes": "Inbound counts of BTS 2024 by port and month stand in for outbound ones.",
        "caveat": CAVEAT,
        "rows": dict(counts),
        "parameters": parameters,
        "parameters_sha256": digest,
        "origins": dict(world.origins),
    }
