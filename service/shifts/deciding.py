"""Use case: deciding in the lane, item by item, in the transaction that took the items in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from features.encoding import microseconds
from features.items import Shipment, Vehicle
from features.records import Decision
from models.policy.draws import Draws
from models.policy.lane import Arrival, LaneDecision, LaneShift, LaneState, decide
from service.shifts.planning import inputs
from service.shifts.record import NoLane
from service.store.findings import add_decisions
from service.store.lanes import Standings, live_lanes, put_standings, standings_of
from service.store.planned import Before, add_planned, decided_in_lane, items_in_lane
from service.store.shifts import Shift
from service.store.tokens import Tokens

POLICY = "lane"
"""Policy of decisions in the lane."""

_ID_CHARACTERS = 32

Lanes = Mapping[tuple[str, str], Shift]
"""Port and mode to the shift that decides there."""


def open_lanes(connection: Connection, items: Iterable[Vehicle | Shipment], now: datetime) -> Lanes:
    """Find the shifts that decide about items now, and hold them.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    items : iterable of Vehicle or Shipment
        What is to be decided.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    mapping of tuple to Shift
        By port and mode.
    """
    ports = sorted({item.port for item in items})
    if not ports:
        return {}
    return {
        (shift.port, mode): shift
        for shift in live_lanes(connection, ports, now)
        for mode in shift.modes
    }


def no_lane(item: Vehicle | Shipment) -> NoLane:
    """Make the error for an item that no shift decides about.

    Parameters
    ----------
    item : Vehicle or Shipment
        The item.

    Returns
    -------
    NoLane
        Says what to do.
    """
    return NoLane(
        f"no shift decides about {item.mode} in the lane at port {item.port} now; open one with "
        'way "lane", or rank the item with /v1/score; nothing was stored',
        field="port",
    )


class _Decided(NamedTuple):
    """One decision on its way into the store."""

    row: Row[Any]
    shift: Shift
    seen: dict[str, Any]
    made: LaneDecision
    before: Before


def decide_items(
    connection: Connection, item_ids: Sequence[str], lanes: Lanes, now: datetime, tokens: Tokens
) -> dict[str, dict[str, Any]]:
    """Decide about items that were just taken in: inspect or pass.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write and that holds the lanes.
    item_ids : sequence of str
        The items, stored and scored.
    lanes : mapping of tuple to Shift
        From `open_lanes`.
    now : datetime.datetime
        The present moment.
    tokens : Tokens
        Makes ids, and holds the key of the draws.

    Returns
    -------
    dict of str to dict
        By item, the reply. An item that the shift has decided about keeps its decision.
    """
    rows = {row.item_id: row for row in items_in_lane(connection, item_ids)}
    before = decided_in_lane(connection, item_ids)
    shifts = {item_id: lanes[row.port, row.mode] for item_id, row in rows.items()}
    standings = standings_of(connection, sorted({shift.shift_id for shift in shifts.values()}))
    moved: dict[tuple[str, str], LaneState] = {}
    decided: list[_Decided] = []
    replies: dict[str, dict[str, Any]] = {}
    for item_id in item_ids:
        row, shift, known = rows[item_id], shifts[item_id], before.get(item_id, Before())
        seen = inputs(row, known, shift)
        inspect = known.chosen
        if shift.shift_id not in known.shift_ids:
            made, place = _decide(row, shift, seen, {**standings, **moved}, (now, tokens))
            moved |= place
            decided.append(_Decided(row, shift, seen, made, known))
            inspect = inspect or made.chosen
        replies[item_id] = _reply(item_id, shift, seen, row, inspect=inspect)
    _store(connection, decided, now, tokens)
    put_standings(connection, moved, standings)
    return replies


def _decide(
    row: Row[Any],
    shift: Shift,
    seen: Mapping[str, Any],
    standings: Standings,
    occasion: tuple[datetime, Tokens],
) -> tuple[LaneDecision, dict[tuple[str, str], LaneState]]:
    now, tokens = occasion
    place = (shift.shift_id, seen["method"])
    state = standings.get(place, LaneState())
    arrival = Arrival(
        row.item_id,
        seen["risk"],
        seen["severity"],
        seen["minutes"],
        microseconds(now),
        seen["must_inspect"],
        seen["released"],
    )
    lane = LaneShift(
        starts_at=microseconds(shift.starts_at),
        ends_at=microseconds(shift.ends_at),
        capacity_minutes=shift.minutes[seen["method"]],
        expected_items=shift.expected_items or 1.0,
        exploration_share=shift.exploration_share,
        uniform_share=shift.uniform_share,
        exponent=shift.exponent,
    )
    made, after = decide(arrival, lane, state, Draws(tokens.draw_key, shift.shift_id))
    if seen["settled"]:
        # what needs no exam any more uses no minutes
        after = after._replace(
            minutes_by_choice=state.minutes_by_choice, minutes_by_chance=state.minutes_by_chance
        )
    return made, {place: after}


def _reply(
    item_id: str, shift: Shift, seen: Mapping[str, Any], row: Row[Any], *, inspect: bool
) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "shift_id": shift.shift_id,
        "inspect": inspect,
        "method": seen["method"] if inspect else None,
        "minutes": seen["minutes"] if inspect else None,
        "degraded": row.risk is None,
    }


def _store(
    connection: Connection, decided: Sequence[_Decided], now: datetime, tokens: Tokens
) -> None:
    decisions = [_decision(each, now, tokens) for each in decided]
    add_decisions(connection, decisions)
    add_planned(
        connection,
        [
            {"decision_id": decision.decision_id} | each.seen
            for decision, each in zip(decisions, decided, strict=True)
        ],
    )


def _decision(each: _Decided, now: datetime, tokens: Tokens) -> Decision:
    shift_id, item_id = each.shift.shift_id, each.row.item_id
    number = tokens.digest(f"lane\0{shift_id}\0{item_id}".encode())[:_ID_CHARACTERS]
    compounded = 1 - (1 - each.before.propensity) * (1 - each.made.propensity)
    return Decision(
        decision_id=number,
        item_id=item_id,
        shift_id=shift_id,
        arm=each.made.arm,
        decided_at=now,
        policy_id=POLICY,
        chosen=each.made.chosen,
        reason=each.made.reason,
        propensity=min(1.0, max(0.0, compounded)),
        capacity_minutes=each.shift.minutes[each.seen["method"]],
        model_version=each.row.bundle,
    )
