"""What the demonstration prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from training.demo.day import describe

MOST_REASONS = 3
_SIGNS = {"raises": "+", "lowers": "-"}


def print_queue(
    console: Console,
    title: str,
    queue: Sequence[Mapping[str, Any]],
    items: Mapping[str, Mapping[str, Any]],
) -> None:
    """Print the top of a queue with reasons.

    Parameters
    ----------
    console : Console
        Where to print.
    title : str
        Heading of the table.
    queue : sequence of mapping
        Entries as `GET /v1/queue` gave them.
    items : mapping of str to mapping
        The posted rows by `item_id`.
    """
    table = Table(title=title, show_lines=True)
    table.add_column("#", justify="right")
    table.add_column("item")
    table.add_column("band")
    table.add_column("risk", justify="right")
    table.add_column("priority", justify="right")
    table.add_column("why")
    for place, entry in enumerate(queue, start=1):
        table.add_row(
            str(place),
            f"{escape(describe(items[entry['item_id']]))}\n[dim]{entry['item_id']}[/dim]",
            "-" if entry["band"] is None else entry["band"].replace("_", " "),
            "-" if entry["risk"] is None else f"{entry['risk']:.4f}",
            f"{entry['priority']:.5f}",
            escape(why(entry)),
        )
    console.print(table)


def why(entry: Mapping[str, Any]) -> str:
    """Say why an item stands where it does.

    Parameters
    ----------
    entry : mapping
        An entry of the queue.

    Returns
    -------
    str
        Rule hits first, then the strongest reasons, one a line; `+` raises, `-` lowers.
    """
    hits = [f"! {hit['text']}" for hit in entry["rule_hits"]]
    reasons = [
        f"{_SIGNS[reason['direction']]} {reason['text']} ({reason['strength']})"
        for reason in entry["reasons"][:MOST_REASONS]
    ]
    return "\n".join([*hits, *reasons])
