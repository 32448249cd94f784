"""`report.html`: a result as one page that needs nothing else, not even JavaScript."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from training.evaluation.tables import Laid, lay_targets, tell

_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.2rem .6rem;border-bottom:1px solid #999;
text-align:right}th:first-child,td:first-child{text-align:left}svg{max-width:100%;height:auto}
.wide{overflow-x:auto}"""


def _table(laid: Laid) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in laid.head)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in laid.rows
    )
    return (
        f'<div class="wide"><table><caption>{escape(laid.title)}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )


def every_figure(figures: Sequence[Mapping[str, Any]]) -> Laid:
    """Lay out every figure of a result, a line for each.

    Parameters
    ----------
    figures : sequence of mapping
        From `summary.summarise`.

    Returns
    -------
    Laid
        With median, interval, its confidence, worst world, and number of worlds.
    """
    names = ("figure", "policy", "part", "at")
    rows = [
        [
            *(str(each[name]) for name in names),
            *(tell(each.get(name)) for name in ("median", "low", "high", "confidence", "worst")),
            str(each["n_seeds"]),
        ]
        for each in figures
    ]
    head = [*names, "median", "low", "high", "confidence", "worst", "worlds"]
    return Laid("Every figure", head, rows)


def _pairs(title: str, values: Mapping[str, Any]) -> str:
    rows = [[str(name), ", ".join(map(str, told)) if isinstance(told, list) else str(told)]
            for name, told in values.items()]  # fmt: skip
    return _table(Laid(title, ["what", "value"], rows))


def html(result: Mapping[str, Any], tables: Sequence[Laid], plots: Mapping[str, str]) -> str:
    """Write the page.

    Parameters
    ----------
    result : mapping
        From `result.make_result`.
    tables : sequence of Laid
        What to show first.
    plots : mapping of str to str
        Name to SVG.

    Returns
    -------
    str
        HTML.
    """
    notes = "".join(f"<li>{escape(note)}</li>\n" for note in result["notes"])
    drawn = "".join(
        f'<figure role="img" aria-label="{escape(name)}">{svg}</figure>\n'
        for name, svg in plots.items()
    )
    missing = "" if plots else "<p>No plots: install weir[report] and run again.</p>\n"
    laid = "".join(_table(each) for each in (*lay_targets(result), *tables) if each.rows)
    every = f"<details><summary>Every figure</summary>{_table(every_figure(result['figures']))}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Weir: {escape(result['bench'])}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>Weir: {escape(result['bench'])}</h1>\n<p><strong>{escape(result['caution'])}"
        f"</strong></p>\n<ul>\n{notes}</ul>\n{missing}{drawn}{laid}"
        f"{_pairs('Parameters', result['parameters'])}{_pairs('Versions', result['versions'])}"
        f"{_pairs('Machine', result['machine'])}{_pairs('Timings', result['timings'])}"
        f"{every}</details>\n</body></html>\n"
    )


def write_report(
    result: Mapping[str, Any], tables: Sequence[Laid], plots: Mapping[str, str], folder: Path
) -> list[Path]:
    """Write the page, and each plot as a file beside it.

    Parameters
    ----------
    result, tables, plots
        As for `html`.
    folder : Path
        Where; it is there.

    Returns
    -------
    list of Path
        What was written.
    """
    page = folder / "report.html"
    page.write_text(html(result, tables, plots), encoding="utf-8")
    drawn = [folder / f"{name}.svg" for name in plots]
    for path, svg in zip(drawn, plots.values(), strict=True):
        path.write_text(svg, encoding="utf-8")
    return [page, *drawn]
