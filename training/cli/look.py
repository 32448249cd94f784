"""`weir-train features`: what a model is made of."""

from typing import Annotated

import typer


def features(
    group: Annotated[
        str | None, typer.Option(help="Only one group: item, filing, history, link or signal.")
    ] = None,
    *,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the whole as the page docs/features.md.")
    ] = False,
) -> None:
    """Print the catalogue of features: name, unit, group, meaning and source."""
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick
    from rich.table import Table  # noqa: PLC0415 - as above

    from features.catalogue import FEATURES, catalogue_hash  # noqa: PLC0415 - as above

    if markdown:
        from features.catalogue_text import markdown as page  # noqa: PLC0415 - as above

        typer.echo(page(), nl=False)
        return
    groups = sorted({feature.group for feature in FEATURES})
    if group is not None and group not in groups:
        raise typer.BadParameter(f"--group {group!r} is not one of {', '.join(groups)}")
    table = Table("name", "unit", "group", "meaning", "source")
    shown = [feature for feature in FEATURES if group in (None, feature.group)]
    for feature in shown:
        table.add_row(feature.name, feature.unit, feature.group, feature.meaning, feature.source)
    console = Console()
    console.print(table)
    console.print(f"{len(shown)} features, catalogue {catalogue_hash()[:16]}")
