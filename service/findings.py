"""Use cases: recording what an inspection found, correcting it, letting an item go."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from features.errors import InvalidRecord, WeirError
from features.fields import Count, Label, RecordId, Text, Time
from features.items import Record
from features.records import Decision, Inspection, Outcome
from features.reference.tables import exam_methods
from service.acting import Deed, Done
from service.auth import Principal
from service.idempotency import Asked, once
from service.reach import item_in_reach
from service.roles import SEES_IDENTIFIERS
from service.store.claims import drop_claim
from service.store.entity_log import add_inspections
from service.store.findings import (
    Skip,
    add_decisions,
    add_note,
    add_skip,
    find_inspection,
    find_skip,
    inspections_of,
    is_superseded,
    was_chosen,
)
from service.store.planned import latest_propensity
from service.store.shifts import NO_SHIFT
from service.store.standing import Standing
from service.store.tokens import Tokens

MOST_SKEW = timedelta(minutes=5)
"""How far a caller's clock may be ahead."""

_ID_CHARACTERS = 32

PickReason = Literal[
    "behaviour", "documents", "dog_alert", "scan_anomaly", "tip", "officer_judgement", "other"
]
SkipReason = Literal[
    "no_time", "left_already", "not_here", "unsafe", "known_lawful", "officer_judgement", "other"
]


class Finding(Record):
    """What an inspector records about one examination of one item."""

    item_id: RecordId
    supersedes: RecordId | None = Field(
        None, description="Inspection that this one corrects; both are kept."
    )
    method: Label = Field(description="Exam method of the reference table.")
    minutes: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
    outcome: Outcome
    n_firearms: Count = 0
    n_parts: Count = 0
    n_rounds: Count = 0
    found_at: Time | None = Field(None, description="By default when it is recorded.")
    reason: PickReason | None = Field(
        None, description="Why an officer chose it, where no plan did; `other` needs a note."
    )
    note: Text | None = Field(None, description="Free words, kept for a shorter time.")


class Letting(Record):
    """Why an item is let go without an inspection."""

    reason: SkipReason
    detail: Text | None = Field(None, description="Needed where the reason is `other`.")


FINDINGS: TypeAdapter[Finding] = TypeAdapter(Finding)
LETTING: TypeAdapter[Letting] = TypeAdapter(Letting)
"""What bodies must be."""


class AlreadyCorrected(WeirError):  # noqa: N818 - what the caller sees
    """An inspection that another correction supersedes already."""


class AlreadySkipped(WeirError):  # noqa: N818 - what the caller sees
    """An item that was let go already, for another reason or by somebody else."""


class ReplyGone(WeirError):  # noqa: N818 - what the caller sees
    """A record that was kept under this idempotency key long ago."""


class Recording(NamedTuple):
    """One finding on its way into the store.

    Parameters
    ----------
    principal : Principal
        Who records.
    idempotency_key : str
        What the caller named the request.
    finding : Finding
        What was found.
    """

    principal: Principal
    idempotency_key: str
    finding: Finding


def record(recording: Recording, tokens: Tokens) -> Deed:
    """Make the act of recording a finding.

    Parameters
    ----------
    recording : Recording
        What to record.
    tokens : Tokens
        Makes digests and ids.

    Returns
    -------
    callable
        The act. It replies with the inspection as stored, or with the reply of the time before.
        It raises `UnknownItem` out of reach, `InvalidRecord` where the finding contradicts
        itself or its item, `AlreadyCorrected`, and `KeyReused` for another body.
    """
    principal, key, finding = recording
    content = orjson.dumps(finding.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    asked = Asked(principal.key_id, key, tokens.digest(content))
    number = tokens.digest(f"inspection\0{principal.key_id}\0{key}".encode())[:_ID_CHARACTERS]

    def deed(connection: Connection, now: datetime) -> Done:
        return once(connection, asked, now, lambda: _record(connection, recording, number, now))

    return deed


def _record(connection: Connection, recording: Recording, number: str, now: datetime) -> Done:
    principal, _, finding = recording
    item = item_in_reach(connection, principal, finding.item_id)
    _check(finding, item, now)
    inspection = _inspection(principal, finding, number, now)
    if find_inspection(connection, inspection.inspection_id) is not None:
        raise ReplyGone(
            "this key was used long ago and its reply is no longer kept; make a new key",
            field="Idempotency-Key",
        )
    _check_correction(connection, inspection)
    add_inspections(connection, [inspection])
    if finding.note:
        add_note(connection, inspection.inspection_id, finding.note, now)
    if not was_chosen(connection, item.item_id):
        prior = latest_propensity(connection, item.item_id)
        add_decisions(connection, [_officers_pick(finding, number, now, prior)])
    if finding.outcome != "not_completed":
        drop_claim(connection, item.item_id)
    reply: dict[str, Any] = inspection.model_dump(mode="json")
    return Done(reply, [principal.did("inspection.recorded", inspection.inspection_id, **reply)])


def _check(finding: Finding, item: Standing, now: datetime) -> None:
    method = exam_methods().get(finding.method)
    if method is None or item.mode not in method.modes:
        known = ", ".join(code for code, each in exam_methods().items() if item.mode in each.modes)
        raise InvalidRecord(f"not an exam of {item.mode}; give one of {known}", field="method")
    n_found = finding.n_firearms + finding.n_parts + finding.n_rounds
    if (finding.outcome == "find") != (n_found > 0):
        raise InvalidRecord(
            "a find has firearms, parts or rounds, and nothing else has any; correct the counts "
            "or the outcome",
            field="outcome",
        )
    if finding.found_at is not None and finding.found_at > now + MOST_SKEW:
        raise InvalidRecord("lies in the future; check the clock", field="found_at")
    if finding.reason == "other" and not finding.note:
        raise InvalidRecord("say in a note what the other reason is", field="note")


def _check_correction(connection: Connection, inspection: Inspection) -> None:
    if inspection.supersedes is None:
        return
    before = find_inspection(connection, inspection.supersedes)
    if before is None or before.item_id != inspection.item_id:
        raise InvalidRecord(
            f"no inspection {inspection.supersedes!r} of this item", field="supersedes"
        )
    if before.agency != inspection.agency:
        raise InvalidRecord(
            "was recorded by another agency; ask it to correct its record", field="supersedes"
        )
    if is_superseded(connection, inspection.supersedes):
        raise AlreadyCorrected(
            f"inspection {inspection.supersedes!r} was corrected already; correct the correction",
            field="supersedes",
        )


def _inspection(principal: Principal, finding: Finding, number: str, now: datetime) -> Inspection:
    return Inspection(
        inspection_id=number,
        recorded_at=now,
        agency=principal.agency,
        found_at=finding.found_at or now,
        **finding.model_dump(exclude={"found_at", "reason", "note"}),
    )


def _officers_pick(finding: Finding, number: str, now: datetime, prior: float) -> Decision:
    """Put down that an officer chose what no plan did, which leaves the plans' chances as known."""
    return Decision(
        decision_id=number,
        item_id=finding.item_id,
        shift_id=NO_SHIFT,
        arm="officer",
        decided_at=now,
        policy_id="officer",
        chosen=True,
        reason=finding.reason,
        propensity=prior,
        capacity_minutes=0.0,
    )


def skip(principal: Principal, item_id: str, letting: Letting, tokens: Tokens) -> Deed:
    """Make the act of letting an item go.

    Parameters
    ----------
    principal : Principal
        Who lets it go.
    item_id : str
        The item.
    letting : Letting
        Why.
    tokens : Tokens
        Makes ids.

    Returns
    -------
    callable
        The act; the same again gives the same reply. It raises `UnknownItem` out of reach, and
        `AlreadySkipped` if this version was let go otherwise.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        item = item_in_reach(connection, principal, item_id)
        if letting.reason == "other" and not letting.detail:
            raise InvalidRecord("say what the other reason is", field="detail")
        number = tokens.digest(f"skip\0{item_id}\0{item.version}".encode())[:_ID_CHARACTERS]
        mine = (letting.reason, letting.detail, now, principal.agency, principal.key_id)
        new = Skip(number, item_id, item.version, *mine)
        before = find_skip(connection, item_id, item.version)
        if before is not None:
            if before._replace(skipped_at=now) != new:
                raise AlreadySkipped("this item was let go already", field="item_id")
            return Done(before._asdict())
        add_skip(connection, new)
        drop_claim(connection, item_id)
        did = principal.did("item.skipped", item_id, version=item.version, reason=letting.reason)
        return Done(new._asdict(), [did])

    return deed


def list_findings(principal: Principal, item_id: str) -> Deed:
    """Make the act of looking at the findings about an item.

    Parameters
    ----------
    principal : Principal
        Who looks; roles that see no identifiers see no notes either.
    item_id : str
        The item.

    Returns
    -------
    callable
        The act. It raises `UnknownItem` out of reach.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        del now
        item_in_reach(connection, principal, item_id)
        shows_notes = principal.role in SEES_IDENTIFIERS
        rows = inspections_of(connection, item_id)
        if not shows_notes:
            rows = [row | {"note": None} for row in rows]
        return Done(
            {"inspections": rows},
            [principal.did("findings.read", item_id, n=len(rows), notes=shows_notes)],
        )

    return deed
