"""Plots of results, as SVG text."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from io import StringIO
from typing import Any

Figures = Sequence[Mapping[str, Any]]
_WIDTH, _HEIGHT = 520, 320


def can_plot() -> bool:
    """Tell whether the libraries that draw are installed.

    Returns
    -------
    bool
        False without the extra `report`.
    """
    return all(find_spec(name) is not None for name in ("altair", "vl_convert"))


def _altair() -> Any:  # noqa: ANN401 - altair has no types
    import altair as alt  # noqa: PLC0415 - an extra, and slow

    return alt


def _svg(chart: Any) -> str:  # noqa: ANN401 - altair has no types
    text = StringIO()
    chart.save(text, format="svg")
    return text.getvalue()


def _of(figures: Figures, figure: str, part: str = "all") -> list[dict[str, Any]]:
    return [
        {name: each[name] for name in ("policy", "at", "median", "low", "high")}
        for each in figures
        if each["figure"] == figure and each["part"] == part and each["median"] is not None
    ]


def capture_plot(figures: Figures) -> str:
    """Plot the share of events captured against capacity, with intervals over worlds.

    Parameters
    ----------
    figures : sequence of mapping
        Of the benchmark of quality.

    Returns
    -------
    str
        SVG.
    """
    alt = _altair()
    rows = [
        row | {"capacity": float(row["at"].rstrip("%"))} for row in _of(figures, "capture_events")
    ]
    order = list(dict.fromkeys(row["policy"] for row in rows))
    scale = alt.Scale(type="log", domain=[0.4, 6], nice=False)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("capacity:Q", title="items inspected, %", scale=scale),
        color=alt.Color("policy:N", title=None, sort=order),
    )
    y = alt.Y("median:Q", title="events captured, share")
    lines = base.mark_line(point=True).encode(y=y)
    bars = base.mark_rule(opacity=0.5, strokeWidth=2).encode(y=alt.Y("low:Q"), y2="high:Q")
    title = "Events captured by capacity: median and interval over worlds"
    return _svg((lines + bars).properties(title=title, width=_WIDTH, height=_HEIGHT))


def weeks_plot(figures: Figures, part: str) -> str:
    """Plot the share of events stopped over the weeks, policy by policy.

    Parameters
    ----------
    figures : sequence of mapping
        Of the benchmark of the loop.
    part : str
        The scenario.

    Returns
    -------
    str
        SVG.
    """
    alt = _altair()
    rows = [
        row | {"week": int(row["at"].removeprefix("week "))}
        for row in _of(figures, "stopped_over_4_weeks", part)
    ]
    order = list(dict.fromkeys(row["policy"] for row in rows))
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_line()
        .encode(
            x=alt.X("week:Q", title="week"),
            y=alt.Y("median:Q", title="events stopped, share over four weeks"),
            color=alt.Color("policy:N", title=None, sort=order),
            strokeDash=alt.StrokeDash("policy:N", title=None, sort=order),
        )
        .properties(title=f"{part}: median over worlds", width=_WIDTH, height=_HEIGHT)
    )
    return _svg(chart)


def coverage_plot(figures: Figures) -> str:
    """Plot how often each kind of interval held the truth.

    Parameters
    ----------
    figures : sequence of mapping
        Of the benchmark of honesty.

    Returns
    -------
    str
        SVG.
    """
    alt = _altair()
    rows = [row | {"interval": row["at"]} for row in _of(figures, "coverage")]
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("interval:N", title=None))
    scale = alt.Scale(domain=[0.5, 1])
    points = base.mark_point(filled=True, size=70).encode(
        x=alt.X("median:Q", title="share of intervals that hold the truth", scale=scale),
        color=alt.Color("policy:N", title="past policy"),
        shape=alt.Shape("policy:N", title="past policy"),
        yOffset=alt.YOffset("policy:N"),
    )
    level = alt.Chart(alt.Data(values=[{"level": 0.95}])).mark_rule(strokeDash=[4, 4])
    title = "Coverage: median over worlds; the dashed line is what they claim"
    both = (points + level.encode(x="level:Q")).properties(title=title, width=_WIDTH)
    return _svg(both)


def growth_plot(figures: Figures) -> str:
    """Plot items or rows a second against how many there are, both on logarithmic axes.

    Parameters
    ----------
    figures : sequence of mapping
        Of the benchmark of speed.

    Returns
    -------
    str
        SVG.
    """
    alt = _altair()
    sizes = {(row["policy"], row["at"]): row["median"] for row in _of(figures, "size")}
    rows = [
        row | {"size": sizes[row["policy"], row["at"]]} for row in _of(figures, "items_per_second")
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("size:Q", title="items or rows", scale=alt.Scale(type="log")),
        color=alt.Color("policy:N", title=None),
    )
    scale = alt.Scale(type="log")
    lines = base.mark_line(point=True).encode(
        y=alt.Y("median:Q", title="items or rows a second", scale=scale)
    )
    bars = base.mark_rule(opacity=0.5, strokeWidth=2).encode(y="low:Q", y2="high:Q")
    title = "Growth: median and interval over turns; a level line is linear cost"
    return _svg((lines + bars).properties(title=title, width=_WIDTH, height=_HEIGHT))


def servers_plot(figures: Figures) -> str:
    """Plot what a request costs each server in processor time.

    Parameters
    ----------
    figures : sequence of mapping
        Of the benchmark of speed.

    Returns
    -------
    str
        SVG.
    """
    alt = _altair()
    rows = [row | {"server": f"{row['policy']}, {row['at']}"} for row in _of(figures, "cpu_us")]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("server:N", title=None, sort=[row["server"] for row in rows])
    )
    scale = alt.Scale(type="log")
    points = base.mark_point(filled=True, size=70).encode(
        x=alt.X("median:Q", title="processor time, microseconds", scale=scale)
    )
    bars = base.mark_rule(opacity=0.5, strokeWidth=2).encode(x="low:Q", x2="high:Q")
    title = "Processor time of a request, or of an item of a batch, on one core"
    return _svg((points + bars).properties(title=title, width=_WIDTH))


def counts_plot(figures: Figures) -> str:
    """Plot how much was offered, and how much of it went wrong.

    Parameters
    ----------
    figures : sequence of mapping
        Of the benchmark of durability.

    Returns
    -------
    str
        SVG.
    """
    alt = _altair()
    rows = _of(figures, "offered")
    wrong = {row["policy"]: row["median"] for row in _of(figures, "went_wrong")}
    rows = [
        row | {"told": f"{row['median']:,.0f} offered, {wrong[row['policy']]:,.0f} wrong"}
        for row in rows
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("policy:N", title=None, sort=[row["policy"] for row in rows]),
        x=alt.X("median:Q", title="offered", scale=alt.Scale(type="symlog")),
    )
    told = base.mark_text(align="left", dx=4).encode(text="told:N")
    title = "What was offered, and how much of it went wrong"
    return _svg((base.mark_bar(opacity=0.6) + told).properties(title=title, width=_WIDTH))
