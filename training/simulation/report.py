"""Write down how a world compares with the facts: values for machines, plots for people."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from features.errors import WeirError
from training.simulation.check import WorldReport
from training.simulation.run import CAVEAT


class PlotsNotInstalled(WeirError):  # noqa: N818 - named after the user's mistake
    """Plots were asked for, but the libraries that draw them are not installed."""


def report_values(report: WorldReport) -> dict[str, Any]:
    """Give a report as plain values.

    Parameters
    ----------
    report : WorldReport
        From `check.check_world`.

    Returns
    -------
    dict
        JSON values only.
    """
    checks = [
        {
            "check": check.target.name,
            "text": check.target.text,
            "value": check.value,
            "standard_error": check.error,
            "low": check.target.low,
            "high": check.target.high,
            "verdict": check.verdict,
        }
        for check in report.checks
    ]
    volumes = [asdict(row) | {"within": row.within} for row in report.volumes]
    return {
        "world": report.world,
        "seed": report.seed,
        "weeks": report.weeks,
        "n_items": report.n_items,
        "n_events": report.n_events,
        "national_factor": report.national_factor,
        "seizures": "Expectations: propensity of an exam times its probability of detection.",
        "standard_errors": "Jackknife over networks, left out whole.",
        "volumes_note": "Inbound counts of BTS stand in for outbound ones.",
        "caveat": CAVEAT,
        "checks": checks,
        "volumes": volumes,
    }


def write_report(report: WorldReport, folder: Path) -> list[Path]:
    """Write a report with its plots.

    Parameters
    ----------
    report : WorldReport
        From `check.check_world`.
    folder : Path
        Where; it is made if absent.

    Returns
    -------
    list of Path
        `check.json`, `checks.svg` and `volumes.svg`.

    Raises
    ------
    PlotsNotInstalled
        If the report extra is not installed.
    """
    try:
        import altair as alt  # noqa: PLC0415 - an extra, and slow
        import vl_convert  # noqa: F401, PLC0415 - altair draws with it
    except ImportError as missing:
        raise PlotsNotInstalled("install weir[report] to draw plots") from missing
    folder.mkdir(parents=True, exist_ok=True)
    values = report_values(report)
    paths = [folder / name for name in ("check.json", "checks.svg", "volumes.svg")]
    paths[0].write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    _checks_plot(alt, values).save(paths[1])
    _volumes_plot(alt, values).save(paths[2])
    return paths


def _checks_plot(alt: Any, values: dict[str, Any]) -> Any:  # noqa: ANN401 - altair has no types
    width = pl.col("high") - pl.col("low")
    frame = pl.DataFrame(values["checks"]).with_columns(
        place=(pl.col("value") - pl.col("low")) / width,
        least=(pl.col("value") - 2 * pl.col("standard_error") - pl.col("low")) / width,
        most=(pl.col("value") + 2 * pl.col("standard_error") - pl.col("low")) / width,
    )
    base = alt.Chart(alt.Data(values=frame.to_dicts()))
    band = base.mark_rule(strokeWidth=8, opacity=0.2).encode(
        x=alt.datum(0.0), x2=alt.datum(1.0), y=alt.Y("check:N", title=None)
    )
    points = base.mark_point(filled=True, size=80).encode(
        x=alt.X("place:Q", title="place in the range of the facts (0 low end, 1 high end)"),
        y=alt.Y("check:N", title=None),
        shape=alt.Shape("verdict:N", title=None),
    )
    spread = base.mark_rule().encode(x="least:Q", x2="most:Q", y=alt.Y("check:N", title=None))
    title = f"World {values['world']}, seed {values['seed']}, {values['weeks']} weeks"
    return (band + spread + points).properties(title=title, width=420)


def _volumes_plot(alt: Any, values: dict[str, Any]) -> Any:  # noqa: ANN401 - altair has no types
    rows = [row for row in values["volumes"] if row["expected"] >= 1 and row["n_items"] >= 1]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_point(size=20, opacity=0.6)
        .encode(
            x=alt.X("expected:Q", scale=alt.Scale(type="log"), title="published count x fraction"),
            y=alt.Y("n_items:Q", scale=alt.Scale(type="log"), title="simulated"),
            color=alt.Color("mode:N", title="mode"),
        )
        .properties(title="Items by port, mode and month", width=360, height=360)
    )
