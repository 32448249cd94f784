"""Send requests made from the OpenAPI document, by every role, and judge every reply.

`python -m tests.fuzz --requests 100000 --seed 7` starts the application on a store of its own and
prints what came back. Each made-up request is sent once by every role. A reply of 500 or above,
one that the document does not describe, or one that shows a stack trace is a fault; any fault ends
the command with 1.
"""

import argparse
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from pydantic import SecretStr
from rich.console import Console
from rich.progress import Progress
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from service.app import create_app, open_runtime
from service.roles import ROLES, Role
from service.settings import Settings
from service.store.engine import Store
from service.store.schema import upgrade
from tests.declarations import SHIPMENT, VEHICLE
from tests.serving import Desk, SetClock

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TRACES = ("Traceback (most recent call", '.py", line ', "sqlalchemy.", "psycopg.")
KNOWN_ITEMS = (VEHICLE["item_id"], SHIPMENT["item_id"])
BASE = "http://testserver"
UNLIMITED = 100_000

Case = schemathesis.Case[Any]
Operation = APIOperation[Any, Any, Any, Any]


@dataclass
class Tally:
    """What was sent, what came back, and what was wrong with it."""

    sent: Counter[str] = field(default_factory=Counter)
    came: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def n_sent(self) -> int:
        """Number of requests."""
        return self.sent.total()


class Caller:
    """Sends a made-up request once in every role, in an order of its own.

    Parameters
    ----------
    desk : Desk
        The running application.
    tally : Tally
        Where the outcomes are counted.
    draws : random.Random
        Decides the order of roles, and which requests are about an item that the store has.
    """

    def __init__(self, desk: Desk, tally: Tally, draws: random.Random) -> None:
        self._desk, self._tally, self._draws = desk, tally, draws
        self._headers: dict[Role, dict[str, str]] = {role: desk.headers(role) for role in ROLES}
        desk.score(VEHICLE)
        desk.score(SHIPMENT)

    def __call__(self, case: Case) -> None:
        """Send a request in every role and judge the replies.

        Parameters
        ----------
        case : schemathesis.Case
            The request.
        """
        if "item_id" in case.path_parameters and self._draws.random() < 0.5:
            case.path_parameters["item_id"] = self._draws.choice(KNOWN_ITEMS)
        for role in self._draws.sample(ROLES, len(ROLES)):
            self._send(case, role)

    def _send(self, case: Case, role: Role) -> None:
        request = case.as_transport_kwargs(base_url=BASE)
        request.pop("cookies", None)  # no route reads one
        headers = dict(request.pop("headers") or {}) | self._headers[role]
        content = request.pop("data", None)
        reply = self._desk.client.request(headers=headers, content=content, **request)
        label = case.operation.label
        self._tally.sent[label] += 1
        self._tally.came[int(reply.status_code)] += 1
        try:
            case.validate_response(reply, checks=CHECKS)
        except (Failure, FailureGroup) as failed:
            self._tally.faults[f"{label} as {role}: {failed}"] += 1
        if any(trace in reply.text for trace in TRACES):
            self._tally.faults[f"{label} as {role}: shows a stack trace"] += 1


def _operations(desk: Desk) -> list[Operation]:
    schema = schemathesis.openapi.from_dict(desk.app.openapi())
    found = list(schema.get_all_operations())
    broken = [each.err() for each in found if not isinstance(each, Ok)]
    if broken:
        raise broken[0]
    return [each.ok() for each in found if isinstance(each, Ok)]


def _try(operation: Operation, n_cases: int, seed: int, send: Caller) -> None:
    @seeded(seed)
    @settings(
        max_examples=n_cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def one(case: Case) -> None:
        send(case)

    one()


def fuzz(
    desk: Desk, n_requests: int, seed: int, on_progress: Callable[[int], None] = lambda _: None
) -> Tally:
    """Send made-up requests over all routes until there were enough.

    Parameters
    ----------
    desk : Desk
        The running application, without limits per key that would get in the way.
    n_requests : int
        At least so many are sent, spread evenly over the routes.
    seed : int
        Decides every request.
    on_progress : callable, optional
        Is told the number sent so far.

    Returns
    -------
    Tally
        Counts of requests by route, of replies by status, and of faults by description.
    """
    tally = Tally()
    send = Caller(desk, tally, random.Random(seed))  # noqa: S311 - no secret is drawn
    operations = _operations(desk)
    while tally.n_sent < n_requests:
        left = n_requests - tally.n_sent
        n_cases = max(1, left // (len(ROLES) * len(operations)))
        for operation in operations:
            _try(operation, n_cases, seed + tally.n_sent, send)
            on_progress(tally.n_sent)
    return tally


@contextmanager
def application(folder: Path, database: str | None) -> Iterator[Desk]:
    """Run the application with its shipped model on a store of its own.

    Parameters
    ----------
    folder : Path
        An empty folder.
    database : str or None
        URL of an empty database; by default SQLite in the folder.

    Yields
    ------
    Desk
        The running application.
    """
    given_settings = {
        "secret": SecretStr("a secret of forty characters, for tests."),
        "state_dir": folder,
        "caller_rate": UNLIMITED,
        "feed_rate": UNLIMITED,
        "database_url": None if database is None else SecretStr(database),
    }
    store = Store(Settings.model_validate(given_settings).url)
    upgrade(store)
    clock = SetClock()
    runtime = open_runtime(Settings.model_validate(given_settings), store=store, clock=clock)
    app = create_app(runtime)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Desk(runtime, client, clock, app)


def report(tally: Tally) -> str:
    """Write what was sent and what came back.

    Parameters
    ----------
    tally : Tally
        The counts.

    Returns
    -------
    str
        A few lines for a terminal.
    """
    came = ", ".join(f"{status}: {count}" for status, count in sorted(tally.came.items()))
    lines = [
        f"{tally.n_sent} requests on {len(tally.sent)} routes in {len(ROLES)} roles",
        f"replies by status: {came}",
        *(f"{count} times: {fault}" for fault, count in tally.faults.most_common()),
        f"{tally.faults.total()} faults",
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="URL of an empty database; by default SQLite")
    chosen = parser.parse_args()
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent)
    with (
        tempfile.TemporaryDirectory(prefix="weir-fuzz-") as folder,
        application(Path(folder), chosen.database) as desk,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("requests", total=chosen.requests)
        tally = fuzz(
            desk, chosen.requests, chosen.seed, lambda n: progress.update(task, completed=n)
        )
    print(report(tally))  # noqa: T201 - a command
    return int(tally.faults.total() > 0)


if __name__ == "__main__":
    sys.exit(main())
