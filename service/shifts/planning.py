"""Use case: planning a shift, again and again as items and findings come in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row

from features.encoding import microseconds
from features.errors import InvalidRecord
from features.records import Decision
from features.reference.tables import default_method
from models.policy.candidates import CANDIDATE_COLUMNS, Candidates, read_candidates
from models.policy.draws import Draws
from models.policy.plan import Settings
from models.policy.shift import Due, ShiftPlan, Spent, plan_shift
from service.acting import Deed, Done
from service.auth import Principal
from service.shifts.record import ShiftOver, method_of
from service.shifts.showing import shift_in_reach, show
from service.store.findings import add_decisions
from service.store.planned import (
    Before,
    Field,
    add_planned,
    decided_before,
    items_to_plan,
)
from service.store.scores import MUST_INSPECT, ORDINARY, RELEASED
from service.store.shifts import PlanMade, Shift, add_plan, plans_of, spent_by
from service.store.tokens import Tokens

POLICY = "plan"
"""Policy of decisions that a plan took."""

_FROZEN = ("risk", "severity", "must_inspect", "released", "n_rule_hits", "cluster")
"""What a settled item keeps: nothing that was learnt of it may change its chances any more."""

_ID_CHARACTERS = 32


def plan_again(principal: Principal, shift_id: str, tokens: Tokens) -> Deed:
    """Make the act of planning a shift with what has not left and is due by the clock.

    Parameters
    ----------
    principal : Principal
        Who plans.
    shift_id : str
        The shift.
    tokens : Tokens
        Makes ids, and holds the key of the draws.

    Returns
    -------
    callable
        The act. It replies with the shift; it raises `UnknownShift` out of reach, `ShiftOver`,
        and `InvalidRecord` for a shift that decides in the lane.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        shift = shift_in_reach(connection, principal, shift_id, lock=True)
        _check(shift, now)
        plans = plans_of(connection, shift_id)
        number = len(plans) + 1
        field = Field(shift.port, shift.modes, now, shift.ends_at)
        rows = items_to_plan(connection, field)
        before = decided_before(connection, field.conditions)
        seen = [inputs(row, before.get(row.item_id, Before()), shift) for row in rows]
        made = plan_shift(
            _candidates(rows, before, seen),
            _due(shift, now, spent_by(plans)),
            Draws(tokens.draw_key, f"{shift_id}/{number}"),
            microseconds(now),
        )
        decisions = _decisions(made, rows, (shift, number, now), tokens)
        add_decisions(connection, decisions)
        add_planned(
            connection,
            [
                {"decision_id": decision.decision_id} | each
                for decision, each in zip(decisions, seen, strict=True)
            ],
        )
        spent = {method: list(each) for method, each in made.spent.items()}
        add_plan(connection, PlanMade(shift_id, number, now, len(rows), spent, principal.key_id))
        did = principal.did(
            "shift.planned",
            shift_id,
            number=number,
            n_candidates=len(rows),
            n_chosen=int(made.plan.chosen.sum()),
            minutes=made.plan.minutes,
        )
        return Done(show(connection, shift), [did])

    return deed


def _check(shift: Shift, now: datetime) -> None:
    if shift.way == "lane":
        raise InvalidRecord(
            "this shift decides in the lane; post its items to /v1/decide", field="shift_id"
        )
    if now >= shift.ends_at:
        raise ShiftOver("this shift has ended; open another one", field="shift_id")


def _due(shift: Shift, now: datetime, spent: Mapping[str, Spent]) -> Due:
    """Tell what a plan made now may spend, by the clock alone."""
    length = (shift.ends_at - shift.starts_at).total_seconds()
    until = (now - shift.starts_at).total_seconds() + 60 * shift.plan_every_minutes
    settings = Settings(
        shift.exploration_share,
        shift.floor,
        shift.uniform_share,
        "rules" if shift.tilt == "rules" else "risk",
        shift.exponent,
    )
    return Due(shift.minutes, min(1.0, max(0.0, until / length)), settings, spent)


def inputs(row: Row[Any], before: Before, shift: Shift) -> dict[str, Any]:
    """Say what a decision about an item rests on.

    Parameters
    ----------
    row : sqlalchemy.Row
        The item with its score, from `service.store.planned`.
    before : Before
        What was decided about it so far.
    shift : Shift
        What it is decided in.

    Returns
    -------
    dict
        Columns of `planned` but for the decision's id. A settled item keeps the risk that it
        had when it was chosen; one without a score has risk 0.
    """
    method = method_of(row.mode, shift.minutes)
    if method is None:
        raise InvalidRecord(f"the shift has no minutes for {row.mode}", field="modes")
    tier = ORDINARY if row.tier is None else row.tier
    settled = before.chosen or row.let_go
    found = {
        "version": row.version,
        "risk": row.risk or 0.0,
        "severity": _severity(row),
        "method": method.code,
        "minutes": method.minutes,
        "must_inspect": tier == MUST_INSPECT,
        "released": tier == RELEASED,
        "n_rule_hits": len(row.rule_hits or ()),
        "cluster": row.cluster,
        "settled": settled,
    }
    if settled and before.seen is not None:
        found |= {name: before.seen[name] for name in _FROZEN}
    return found


def _severity(row: Row[Any]) -> float:
    """Give the severity with which risk makes up the priority, which rules may have raised."""
    if row.raised and row.risk:
        return float(row.priority * default_method(row.mode).minutes / row.risk)
    return row.severity or 0.0


def _candidates(
    rows: Sequence[Row[Any]], before: Mapping[str, Before], seen: Sequence[Mapping[str, Any]]
) -> Candidates:
    names = CANDIDATE_COLUMNS.names()
    columns = [
        {"item_id": row.item_id, "departs_at": row.leaves_at}
        | {"prior": before.get(row.item_id, Before()).propensity}
        | {name: value for name, value in each.items() if name in names}
        for row, each in zip(rows, seen, strict=True)
    ]
    return read_candidates(pl.DataFrame(columns, schema=CANDIDATE_COLUMNS))


def _decisions(
    made: ShiftPlan,
    rows: Sequence[Row[Any]],
    occasion: tuple[Shift, int, datetime],
    tokens: Tokens,
) -> list[Decision]:
    shift, number, now = occasion
    plan = made.plan
    minutes = {method: part.minutes for method, part in made.allotted.items()}
    methods = {mode: method_of(mode, shift.minutes) for mode in shift.modes}
    return [
        Decision(
            decision_id=tokens.digest(f"plan\0{shift.shift_id}\0{number}\0{row.item_id}".encode())[
                :_ID_CHARACTERS
            ],
            item_id=row.item_id,
            shift_id=shift.shift_id,
            arm=arm if chosen else None,  # type: ignore[arg-type]  # one of the policy's arms
            decided_at=now,
            policy_id=POLICY,
            chosen=chosen,
            reason=reason,
            propensity=min(1.0, max(0.0, propensity)),
            capacity_minutes=minutes.get(getattr(methods[row.mode], "code", ""), 0.0),
            model_version=row.bundle,
        )
        for row, arm, chosen, reason, propensity in zip(
            rows,
            plan.arm,
            plan.chosen.tolist(),
            plan.reason,
            plan.propensity.tolist(),
            strict=True,
        )
    ]
