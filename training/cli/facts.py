"""What `weir-train simulate --check` prints and writes."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from training.simulation.check import FULL_PROPORTIONS, WorldReport
from training.simulation.report import PlotsNotInstalled, write_report


def check_overrides(world: str, given: Mapping[str, str]) -> dict[str, str | float]:
    """Give the overrides under which a world is held against the facts.

    Parameters
    ----------
    world : str
        Name of the world.
    given : mapping of str to str
        Overrides of the caller, which win.

    Returns
    -------
    dict of str to number or text
        For `full`, four times the national trafficking beside a twelfth of lawful traffic.
    """
    return {**(FULL_PROPORTIONS if world == "full" else {}), **given}


def print_report(report: WorldReport, folder: Path) -> None:
    """Print the checks, and write them with their plots.

    Parameters
    ----------
    report : WorldReport
        From `training.simulation.check.check_world`.
    folder : Path
        Folder for the report; made if absent.
    """
    table = Table(
        title=f"{report.world}, seed {report.seed}: {report.weeks} weeks,"
        f" {report.n_items:,} items, {report.n_events:,} events"
    )
    for column in ("check", "what"):
        table.add_column(column)
    for column in ("value", "error", "low", "high"):
        table.add_column(column, justify="right")
    table.add_column("")
    for check in report.checks:
        table.add_row(
            check.target.name,
            check.target.text,
            f"{check.value:.4g}",
            f"{check.error:.2g}",
            f"{check.target.low:g}",
            f"{check.target.high:g}",
            check.verdict,
        )
    console = Console()
    console.print(table)
    off = [row for row in report.volumes if not row.within]
    console.print(
        f"Volumes: {len(report.volumes) - len(off):,} of {len(report.volumes):,} port-months agree"
        " with the published counts. Seizures are expectations, scaled to a national year by"
        f" {report.national_factor:.3g}; errors are standard errors over networks."
    )
    try:
        written = write_report(report, folder)
    except PlotsNotInstalled as missing:
        console.print(missing.detail)
    else:
        console.print(f"Report: {', '.join(str(path) for path in written)}")
