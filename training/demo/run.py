"""The demonstration, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from models.bundle import EVALUATION
from models.documents import read_json
from models.manifest import Manifest
from models.signing import load_or_create_key
from models.targets import DEFAULT_TARGETS, read_targets, read_verdicts, told
from training.bundling import fit_bundle
from training.demo.day import DAY, PORTS, Day, cut_day, first_monday, payloads
from training.demo.server import DemoFailed, Operator
from training.fit import Fitted
from training.simulation.run import simulate
from training.simulation.world import load_world

WEEKS = 13
LANE_WINDOW_MINUTES = int(DAY.total_seconds() // 60)
"""A posted vehicle stays in the queue all day here, so that a whole day can be looked at."""

PAGE_ROLES = ("inspector", "supervisor", "analyst", "scientist")
"""Roles whose pages are about the ports of the demonstration."""

Step = Callable[[str, int, int], None]
"""Told the name of a step, how far it is, and how far it goes."""


@dataclass(frozen=True)
class Ready:
    """A fitted model and a store that knows the past.

    Parameters
    ----------
    operator : Operator
        Runs commands against the store.
    day : Day
        What there is to post.
    fitted : Fitted
        The model and its figures.
    bundle : str
        Version of the bundle that was fitted.
    missed : tuple of str
        The targets that it missed, in words; it is in use if there are none, and else the one
        that Weir ships is.
    """

    operator: Operator
    day: Day
    fitted: Fitted
    bundle: str
    missed: tuple[str, ...]


def prepare(folder: Path, *, seed: int, scale: float, now: datetime, step: Step) -> Ready:
    """Simulate, fit, promote what met its targets, and load the past into a store.

    Parameters
    ----------
    folder : Path
        Working folder.
    seed : int
        Seed of world and fit.
    scale : float
        Share of the world's actors to keep.
    now : datetime
        The time now, UTC; the simulated history ends with it.
    step : callable
        Told of progress.

    Returns
    -------
    Ready
        Everything that serving needs.
    """
    world = folder / "world"
    simulate(
        load_world("demo"),
        seed=seed,
        weeks=WEEKS,
        scale=scale,
        out=world,
        start=first_monday(now, WEEKS),
        progress=lambda week, weeks, _: step("Simulating weeks", week, weeks),
    )
    day = cut_day(world, folder / "history", now)
    state = folder / "state"
    manifest, fitted = fit_bundle(
        day.history,
        folder / "bundle",
        load_or_create_key(state),
        created_at=now,
        targets=read_targets(DEFAULT_TARGETS, now),
        seed=seed,
        progress=lambda done, fits: step("Fits", done, fits),
    )
    missed = missed_targets(manifest, folder / "bundle")
    operator = Operator(state, {"WEIR_LANE_WINDOW_MINUTES": str(LANE_WINDOW_MINUTES)})
    promote = () if missed else (("models", "promote", str(folder / "bundle")),)
    commands = (
        ("db", "upgrade"),
        *promote,
        ("import", "--data", str(day.history)),
    )
    for done, command in enumerate(commands):
        step("Making the store", done, len(commands))
        operator.run(*command)
    step("Making the store", len(commands), len(commands))
    return Ready(operator, day, fitted, manifest.version, missed)


def missed_targets(manifest: Manifest, bundle: Path) -> tuple[str, ...]:
    """Tell which of its targets a bundle missed.

    Parameters
    ----------
    manifest : Manifest
        The bundle's manifest.
    bundle : Path
        Its folder.

    Returns
    -------
    tuple of str
        In words, as promotion would refuse it; empty if it may be promoted.

    Raises
    ------
    DemoFailed
        If the bundle has no evaluation that can be read.
    """
    evaluation = read_json((bundle / EVALUATION).read_bytes(), EVALUATION)
    if not isinstance(evaluation, dict):
        raise DemoFailed(f"{bundle / EVALUATION} is no evaluation")
    verdicts = read_verdicts(manifest.targets, evaluation)
    return tuple(told(verdict) for verdict in verdicts if not verdict.met)


def make_key(operator: Operator, role: str) -> str:
    """Make a key for the ports of the demonstration.

    Parameters
    ----------
    operator : Operator
        Runs commands.
    role : str
        The role.

    Returns
    -------
    str
        The key.
    """
    ports = [word for port in PORTS for word in ("--port", port)]
    return operator.run("keys", "create", "--role", role, *ports).split()[-1]


def make_page_keys(operator: Operator) -> dict[str, str]:
    """Make a key for each role that has pages, in a store of the demonstration alone.

    Parameters
    ----------
    operator : Operator
        Runs commands.

    Returns
    -------
    dict of str to str
        Role to key. Auditors reach every port, since acts have none; the others reach the ports
        of the demonstration.
    """
    keys = {role: make_key(operator, role) for role in PAGE_ROLES}
    created = operator.run("keys", "create", "--role", "auditor", "--all-ports")
    return keys | {"auditor": created.split()[-1]}


def post_day(address: str, key: str, items: pl.DataFrame, step: Step) -> None:
    """Post a day of items in batches.

    Parameters
    ----------
    address : str
        Where Weir listens.
    key : str
        A key that may post.
    items : polars.DataFrame
        Rows of the `items` table.
    step : callable
        Told of progress.

    Raises
    ------
    DemoFailed
        If a batch is refused; the message says why.
    """
    bodies = payloads(items)
    with _client(address, key) as client:
        for done, body in enumerate(bodies, start=1):
            reply = client.post("/v1/score/batch", content=body)
            _require_success(reply)
            step("Posting batches", done, len(bodies))


def read_queue(address: str, key: str, port: str, limit: int) -> list[dict[str, Any]]:
    """Read the top of a port's queue.

    Parameters
    ----------
    address : str
        Where Weir listens.
    key : str
        A key of the port.
    port : str
        Schedule D code.
    limit : int
        How many items.

    Returns
    -------
    list of dict
        Items with their scores, highest priority first.
    """
    with _client(address, key) as client:
        reply = client.get("/v1/queue", params={"port": port, "limit": limit})
        _require_success(reply)
        items: list[dict[str, Any]] = reply.json()["items"]
        return items


def _client(address: str, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return httpx.Client(base_url=address, headers=headers, timeout=60.0)


def _require_success(reply: httpx.Response) -> None:
    if reply.is_error:
        raise DemoFailed(f"{reply.request.url.path} answered {reply.status_code}: {reply.text}")
