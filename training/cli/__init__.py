"""`weir-train`: learn and prove. Heavy imports happen inside the commands."""

import sys

import typer

from features.errors import WeirError
from training.cli import (
    bench,
    bench_proofs,
    bench_worlds,
    demo,
    learn,
    look,
    scoring,
    simulate,
    tables,
    tuning,
)

app = typer.Typer(
    name="weir-train",
    help="Simulate a border, fit and judge models of risk, and score tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("simulate")(simulate.simulate)
app.command("matrix")(learn.matrix)
app.command("fit")(learn.fit)
app.command("tune")(tuning.tune)
app.command("score")(scoring.score)
app.command("map")(tables.map_table)
app.command("features")(look.features)
app.command("demo")(demo.demo)
bench.app.command("quality")(bench_worlds.quality)
bench.app.command("loop")(bench_worlds.loop)
bench.app.command("honesty")(bench_worlds.honesty)
bench.app.command("speed")(bench_proofs.speed)
bench.app.command("durability")(bench_proofs.durability)
bench.app.command("all")(bench_proofs.everything)
bench.app.command("compare")(bench_worlds.compare)
bench.app.command("page")(bench_worlds.page)
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line; what the user can put right is one line and exit code 2."""
    try:
        app()
    except WeirError as error:
        typer.echo(f"weir-train: {error.detail}", err=True)
        sys.exit(2)
