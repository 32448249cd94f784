"""Use case: opening a shift."""

from datetime import datetime

from sqlalchemy import Connection

from features.errors import InvalidRecord
from features.reference.tables import default_method, exam_methods
from service.acting import Deed, Done
from service.auth import Principal
from service.shifts.record import LONGEST, LaneTaken, NewShift, ShiftTaken, method_of
from service.shifts.showing import show
from service.store.shifts import NO_SHIFT, Shift, add_shift, find_shift, plain, shifts_between


def open_shift(principal: Principal, new: NewShift) -> Deed:
    """Make the act of opening a shift; the same again changes nothing.

    Parameters
    ----------
    principal : Principal
        Who opens it; the port was found in reach.
    new : NewShift
        The shift.

    Returns
    -------
    callable
        The act. It replies with the shift, and raises `InvalidRecord`, `ShiftTaken` and, where
        two lanes would be one, `LaneTaken`.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        told = new.model_dump() | {"modes": list(dict.fromkeys(new.modes))}
        shift = Shift(**told, opened_at=now, agency=principal.agency, key_id=principal.key_id)
        before = find_shift(connection, new.shift_id)
        if before is not None:
            if plain(before) != plain(shift):
                raise ShiftTaken(
                    f"shift_id {new.shift_id!r} is taken; choose another one", field="shift_id"
                )
            return Done(show(connection, before))
        _check(new, now)
        if new.way == "lane":
            _require_free_lane(connection, shift)
        add_shift(connection, shift)
        did = principal.did("shift.opened", new.shift_id, **new.model_dump(mode="json"))
        return Done(show(connection, shift), [did])

    return deed


def _check(new: NewShift, now: datetime) -> None:
    if new.shift_id == NO_SHIFT:
        raise InvalidRecord("stands for no shift; choose another one", field="shift_id")
    if not new.starts_at < new.ends_at <= new.starts_at + LONGEST:
        raise InvalidRecord("must come after starts_at, at most 24 hours", field="ends_at")
    if new.ends_at <= now:
        raise InvalidRecord("has passed already; open a shift that goes on", field="ends_at")
    for method in new.minutes:
        if method not in exam_methods():
            known = ", ".join(exam_methods())
            raise InvalidRecord(
                f"not an exam method; give one of {known}", field=f"minutes.{method}"
            )
    for place, mode in enumerate(new.modes):
        if method_of(mode, list(new.minutes)) is None:
            raise InvalidRecord(
                f"no method in minutes examines {mode}; add minutes for "
                f"{default_method(mode).code}",
                field=f"modes[{place}]",
            )
    if new.way == "lane" and new.expected_items is None:
        raise InvalidRecord("say how many items are expected in the lane", field="expected_items")


def _require_free_lane(connection: Connection, shift: Shift) -> None:
    window = (shift.starts_at, shift.ends_at)
    for other in shifts_between(connection, [shift.port], window):
        shared = set(other.modes) & set(shift.modes)
        if other.way == "lane" and shared:
            raise LaneTaken(
                f"shift {other.shift_id!r} decides about {', '.join(sorted(shared))} there in "
                "that window; end this one before it begins, or leave the mode out",
                field="modes",
            )
