"""Results written into a page of documentation, dated, with the machine and the command."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from features.errors import InvalidTable
from training.evaluation.benches import BENCHES
from training.evaluation.durability_steps import Counts
from training.evaluation.result import read_result
from training.evaluation.tables import Column, Laid, find, lay_targets, tell_figure

HEADLINES = "headlines"
"""Name of the block that holds few figures of all benchmarks."""


class Headline(NamedTuple):
    """One figure for the front page.

    Parameters
    ----------
    bench, policy : str
        Whose it is.
    column : Column
        What it is; its title is what the reader is told.
    """

    bench: str
    policy: str
    column: Column


_EXPLORE = "explore 10%"

FRONT = (
    Headline("quality", "model", Column("N at 1 % capacity", "N", at="1.0%")),
    Headline("quality", "model", Column("N at 2 % capacity", "N", at="2.0%")),
    Headline("quality", "legacy rules", Column("N of the rules at 2 %", "N", at="2.0%")),
    Headline("quality", "model", Column("lift over random at 1 %", "lift", at="1.0%")),
    Headline(
        "loop", _EXPLORE, Column("stopped, times legacy", "times_legacy", "adapting", "whole year")
    ),
    Headline("loop", _EXPLORE, Column("share of the ceiling, second half", "of_ceiling", "steady",
                                      "after the middle")),
    Headline(
        "loop",
        _EXPLORE,
        Column("share of N kept 9 to 16 weeks after a move", "N_kept", "shifted",
               "weeks 9 to 16 after"),
    ),
    Headline("loop", "greedy", Column("the same, greedy", "N_kept", "shifted",
                                      "weeks 9 to 16 after")),
    Headline("honesty", "legacy", Column("95 % intervals of the total that hold it", "coverage",
                                         at="total, two-sided")),
    Headline("honesty", "legacy", Column("relative bias of the weighted estimate",
                                         "relative_bias", at="weighted")),
)  # fmt: skip


_OPTIONS = (
    *("world", "seeds", "scale", "weeks", "scores", "policy"),
    *(count.name for count in fields(Counts)),
)
"""Parameters that are options of the same name."""


def command(result: Mapping[str, Any]) -> str:
    """Write the command that makes a result again.

    Parameters
    ----------
    result : mapping
        From `result.make_result`.

    Returns
    -------
    str
        One line.
    """
    given = result["parameters"] | {"seeds": ",".join(_ranges(result["parameters"]["seeds"]))}
    words = [f"weir-train bench {result['bench']}"]
    words += ["--quick"] if given.get("brief") else []
    words += [
        f"--{name.replace('_', '-')} {_number(given[name])}" for name in _OPTIONS if name in given
    ]
    words += ["--no-peers"] if given.get("peers") is False else []
    return " ".join((*words, f"--out {result['bench']}"))


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ranges(seeds: Sequence[int]) -> list[str]:
    runs: list[list[int]] = []
    for seed in seeds:
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return [f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]


def block(result: Mapping[str, Any], plots: Sequence[str]) -> str:
    """Write what a page says of a result.

    Parameters
    ----------
    result : mapping
        From `result.make_result`.
    plots : sequence of str
        Files of its plots, beside the page.

    Returns
    -------
    str
        Markdown.
    """
    machine, timings = result["machine"], result["timings"]
    drawn = "".join(f"![{name.removesuffix('.svg')}]({name})\n\n" for name in plots)
    tables = "".join(
        f"**{laid.title}**\n\n{laid.to_markdown()}\n"
        for laid in (*lay_targets(result), *BENCHES[result["bench"]].lay_out(result))
        if laid.rows
    )
    notes = "".join(f"- {note}\n" for note in result["notes"])
    return (
        f"{timings['started_at'][:10]}, {machine['processor']}, {machine['cores']} cores,"
        f" {machine['memory_gb']:g} GB; Weir {result['versions']['weir']}, LightGBM"
        f" {result['versions']['lightgbm']}; {timings['wall_seconds']:.0f} s,"
        f" {timings['cpu_seconds']:.0f} s of processors:\n\n"
        f"```sh\n{command(result)}\n```\n\n{drawn}{tables}{notes}"
    )


def headlines(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Write at most ten figures of all benchmarks, each with its command.

    Parameters
    ----------
    results : mapping of str to mapping
        Benchmark to result.

    Returns
    -------
    str
        A table in Markdown; figures that the results do not state are left out.
    """
    head = ["figure", "of", "median (interval over worlds)", "worlds", "command"]
    rows = []
    for bench, policy, column in FRONT:
        if bench not in results:
            continue
        result = results[bench]
        found = find(result["figures"], policy, column)
        if found is not None:
            told = [tell_figure(found), str(found["n_seeds"]), f"`{command(result)}`"]
            rows.append([column.title, policy, *told])
    return Laid("Headlines", head, rows).to_markdown()


def replace_block(text: str, name: str, content: str) -> str:
    """Put a block of a page in the place of the earlier one.

    Parameters
    ----------
    text : str
        The page.
    name : str
        The block, which stands between `<!-- name -->` and `<!-- end -->`.
    content : str
        What to put there.

    Returns
    -------
    str
        The page; a block that it lacks comes at its end.
    """
    fresh = f"<!-- {name} -->\n\n{content.rstrip()}\n\n<!-- end -->"
    pattern = re.compile(rf"<!-- {re.escape(name)} -->.*?<!-- end -->", re.DOTALL)
    if pattern.search(text):
        return pattern.sub(lambda _: fresh, text, count=1)
    return f"{text.rstrip()}\n\n{fresh}\n".lstrip()


def write_page(folders: Sequence[Path], page: Path, front: Path | None = None) -> list[Path]:
    """Write results into a page, and their headlines into another.

    Parameters
    ----------
    folders : sequence of Path
        Folders that benchmarks wrote.
    page : Path
        The page; made if absent. Plots are put beside it, named after it.
    front : Path, optional
        The page for the headlines.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InvalidTable
        If a folder holds no result, or the page cannot be written.
    """
    results = {(result := read_result(folder))["bench"]: (folder, result) for folder in folders}
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    written = []
    try:
        for bench, (folder, result) in results.items():
            plots = []
            for plot in sorted(folder.glob("*.svg")) if folder.is_dir() else []:
                beside = page.with_name(f"{page.stem}-{plot.name}")
                beside.write_text(plot.read_text(encoding="utf-8"), encoding="utf-8")
                plots.append(beside.name)
                written.append(beside)
            text = replace_block(text, f"results: {bench}", block(result, plots))
        page.write_text(text, encoding="utf-8")
        written.append(page)
        if front is not None:
            told = headlines({bench: result for bench, (_, result) in results.items()})
            before = front.read_text(encoding="utf-8") if front.is_file() else ""
            front.write_text(replace_block(before, HEADLINES, told), encoding="utf-8")
            written.append(front)
    except OSError as error:
        raise InvalidTable(f"{page} cannot be written: {error.strerror}", field="page") from error
    return written
