"""Rows of the tables that say what became of items: decisions and late evidence."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from features.errors import InvalidRecord
from features.records import Decision, LateOutcome
from service.importing.rows import Claim, Importer, Stored, difference, validate, written
from service.store.findings import add_decisions, known_decisions
from service.store.imported import known_items
from service.store.outcomes import add_outcome, known_outcomes, outcome_row, settle

_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)
_OUTCOME: TypeAdapter[LateOutcome] = TypeAdapter(LateOutcome)
_DECIDED_HERE = ("token_key", "matched_item", "event_id")
"""Columns of an outcome that the store fills in."""


class DecisionRows:
    """Decisions; see `Rows`."""

    def claim(self, row: dict[str, Any], place: str) -> Claim:
        """Validate a row."""
        decision = validate(_DECISION, row, place)
        return Claim(
            place,
            _decision_key(decision.decision_id),
            written(decision.model_dump()),
            decision,
            item=decision.item_id,
        )

    def stored(self, connection: Connection, claims: Sequence[Claim]) -> Stored:
        """Look up what the store holds of the rows."""
        decisions: list[Decision] = [claim.record for claim in claims]
        known = known_decisions(connection, sorted({each.decision_id for each in decisions}))
        return Stored(
            {_decision_key(name): written(each.model_dump()) for name, each in known.items()},
            known_items(connection, sorted({each.item_id for each in decisions})),
            {},
        )

    def field_that_differs(self, connection: Connection, claim: Claim, content: str) -> str:
        """Name a field in which a row and the stored one differ."""
        del connection
        return difference(claim, content) or "decision_id"

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        """Store rows that are not there yet."""
        add_decisions(connection, [claim.record for claim in claims])


def _decision_key(decision_id: str) -> str:
    return f"decision {decision_id!r}"


class OutcomeRows:
    """Late evidence; see `Rows`."""

    def __init__(self, into: Importer) -> None:
        self._into = into

    def claim(self, row: dict[str, Any], place: str) -> Claim:
        """Validate a row."""
        late = validate(_OUTCOME, row, place)
        by_entity = late.entity is not None and late.entity_kind is not None
        if by_entity == (late.item_id is not None):
            raise InvalidRecord(
                f"{place}: item_id: give either it, or entity_kind and entity", field="item_id"
            )
        outcome = outcome_row(late, self._into.tokens, self._into.token_key)
        return Claim(place, _outcome_key(late.outcome_id), _content(outcome._asdict()), outcome)

    def stored(self, connection: Connection, claims: Sequence[Claim]) -> Stored:
        """Look up what the store holds of the rows."""
        known = known_outcomes(connection, sorted({claim.record.outcome_id for claim in claims}))
        contents = {_outcome_key(name): _content(each._asdict()) for name, each in known.items()}
        return Stored(contents, set(), {})

    def field_that_differs(self, connection: Connection, claim: Claim, content: str) -> str:
        """Name a field in which a row and the stored one differ."""
        del connection
        field = difference(claim, content)
        return "entity" if field == "token" else field or "outcome_id"

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        """Store rows that are not there yet, each with its event."""
        for claim in claims:
            add_outcome(connection, settle(connection, claim.record))


def _outcome_key(outcome_id: str) -> str:
    return f"outcome {outcome_id!r}"


def _content(row: dict[str, Any]) -> str:
    return written({name: value for name, value in row.items() if name not in _DECIDED_HERE})
