"""A server with something on every page, for browsers: a month of crossings, then a morning."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

import httpx2
import uvicorn
from pydantic import SecretStr

from service.app import create_app, open_runtime
from service.auth import create_key
from service.champion import Champion
from service.cli.server import address, listen
from service.roles import ROLES, Role
from service.settings import Settings
from service.store.engine import Store
from service.store.schema import upgrade
from tests.declarations import LINE, SHIPMENT, VEHICLE
from tests.serving import NOON, SetClock, Shelf, plain_model

DAYS = 60
PORT = "2304"


@dataclass(frozen=True)
class Site:
    """A server that is up.

    Parameters
    ----------
    address : str
        Where it listens.
    keys : dict of str to str
        A key of each role.
    clock : SetClock
        Its clock.
    store : Store
        Its store.
    """

    address: str
    keys: dict[Role, str]
    clock: SetClock
    store: Store

    def post(self, path: str, body: object, role: Role = "admin", **headers: str) -> dict[str, Any]:
        """Post what must be accepted."""
        named = {"Authorization": f"Bearer {self.keys[role]}"} | headers
        reply = httpx2.post(f"{self.address}{path}", json=body, headers=named, timeout=60)
        assert reply.is_success, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def findings(self, item_id: str) -> list[dict[str, Any]]:
        """List what was recorded about an item."""
        named = {"Authorization": f"Bearer {self.keys['admin']}"}
        path = f"{self.address}/v1/items/{item_id}/inspections"
        rows: list[dict[str, Any]] = httpx2.get(path, headers=named).json()["inspections"]
        return rows


@contextmanager
def site(folder: Path, shelf: Shelf | None = None) -> Iterator[Site]:
    """Run a server on a free port for as long as the block lasts, its store empty."""
    settings = Settings.model_validate(
        {
            "secret": SecretStr("a secret of forty characters, for tests."),
            "state_dir": folder / "state",
            "database_url": SecretStr(f"sqlite:///{folder / 'weir.sqlite'}"),
            "caller_rate": 10_000,
            "feed_rate": 10_000,
        }
    )
    store, clock = Store(settings.url), SetClock(NOON)
    upgrade(store)
    champion = Champion(store, shelf or Shelf(shipped=plain_model()))
    runtime = open_runtime(settings, store=store, clock=clock, champion=champion)
    with store.write() as connection:
        keys = {role: create_key(connection, role, None, clock()) for role in ROLES}
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(runtime), log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            sleep(0.02)
        yield Site(address(listening), keys, clock, store)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _at(site: Site, minutes: float) -> str:
    return (site.clock() + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def _crosses(site: Site, item_id: str, **changes: object) -> dict[str, Any]:
    fields = {"item_id": item_id, "presented_at": _at(site, 0)}
    return site.post("/v1/score", VEHICLE | fields | changes)


def _sends(site: Site, item_id: str, **changes: object) -> dict[str, Any]:
    times = {"presented_at": _at(site, 0), "departs_at": _at(site, 300)}
    return site.post("/v1/score", SHIPMENT | {"item_id": item_id, "port": PORT} | times | changes)


def fill(here: Site) -> None:
    """Let two months pass, with a find in the middle, then fill the queue of one morning."""
    end = here.clock()
    here.clock.at = end - timedelta(days=DAYS)
    for day in range(0, DAYS, 6):
        here.clock.at = end - timedelta(days=DAYS - day)
        _crosses(here, f"past-{day}", driver=f"D{day % 4}", trailer="CARR 0200")
        _sends(here, f"sent-{day}", phone="956 555 0142", shipper=f"shipper {day % 5}")
    _found(here, "past-30")
    here.clock.at = end
    rule = {"rule_id": "solo", "text": "a lone driver", "action": "raise", "ports": [PORT]}
    drafted = rule | {"predicate": "body = 'suv' AND occupants = 1"}
    here.post("/v1/rules", drafted, "analyst", **{"Idempotency-Key": "draft-solo"})
    signal = {"signal_id": "lookout-1", "kind": "lookout", "entity_kind": "plate"}
    body = {"signals": [signal | {"entity": "TX:ABC1234", "strength": 0.8}]}
    here.post("/v1/signals", body)
    here.clock.forward(minutes=1)
    _crosses(here, "LRD-0001", occupants=4, trailer="CARR 0200")
    _crosses(here, "LRD-0002", plate="KLM 7781", lane="1", body="pickup", occupants=3)
    _crosses(here, "LRD-0003", plate="BUS 100", mode="bus", body="bus", lane="9", occupants=2)
    pistols = LINE | {"schedule_b": "9302.00", "description": "pistols", "value_usd": 900.0}
    plain = {"content": "merchandise", "mode": "express", "phone": "956 555 0142"}
    _sends(here, "LRD-0004", **plain, lines=[LINE, pistols], destination="MX")
    _sends(here, "LRD-0005", mode="truck", destination="MX", lines=[LINE] * 3)


def _found(here: Site, item_id: str) -> None:
    finding = {"item_id": item_id, "method": "full_search", "minutes": 70.0, "outcome": "find"}
    found = finding | {"n_firearms": 2, "n_rounds": 400, "note": "behind the door panels"}
    here.post("/v1/inspections", found, "inspector", **{"Idempotency-Key": f"find-{item_id}"})
