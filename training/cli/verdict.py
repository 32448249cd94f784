"""How a benchmark ends."""

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from pydantic import JsonValue


def end_with(out: Path | None, told: str, result: "dict[str, JsonValue]", *, met: bool) -> NoReturn:
    """Say whether a target was met, keep the result, and end with 1 if it was missed.

    Parameters
    ----------
    out : Path, optional
        Folder for `result.json`; nothing is kept without it.
    told : str
        The target in words.
    result : dict of str to JSON
        What was measured.
    met : bool
        Whether the target was met.

    Raises
    ------
    typer.Exit
        Always: with code 0 if it was met, else 1.
    """
    from models.documents import write_json  # noqa: PLC0415 - keeps --help quick

    typer.echo(f"target: {told}: {'met' if met else 'MISSED'}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "result.json").write_bytes(write_json(result | {"target": told, "met": met}))
    raise typer.Exit(not met)
