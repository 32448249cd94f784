"""The command `weir`: operate a service."""

import typer

from service.cli import audit, bench, bench_peers, data, db, keys, models, purge, rules, serve

app = typer.Typer(
    name="weir",
    help="Operate Weir: serve, keep keys, promote models, load histories.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("import")(data.import_history)
app.command("export")(data.export_records)
app.command("purge")(purge.purge)
app.add_typer(audit.app, name="audit")
bench.app.command("peers")(bench_peers.peers)
app.add_typer(bench.app, name="bench")
app.add_typer(db.app, name="db")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(rules.app, name="rules")
