"""`weir-train bench`: benchmarks on worlds that the caller names."""

import typer

from training.cli.bench_learning import learning

app = typer.Typer(
    help="Benchmarks against the hidden truth of simulated worlds.", no_args_is_help=True
)
app.command("learning")(learning)


@app.callback()
def _group() -> None:
    """Keep the group a group while it has one command."""
