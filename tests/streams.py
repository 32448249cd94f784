"""Hypothesis strategies: streams of items and findings with everything that goes wrong in them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from features.items import Shipment, Vehicle
from features.records import Inspection, Signal
from tests.fakes import Received, line, shipment, vehicle

NEW_YEAR = datetime(2025, 1, 1, tzinfo=UTC)

moments = st.one_of(
    st.sampled_from([0, 1, 24 * 60, 7 * 24 * 60, 30 * 24 * 60, 90 * 24 * 60, 31 * 24 * 60]),
    st.integers(0, 100 * 24 * 60),
).map(lambda minutes: NEW_YEAR - timedelta(days=60) + timedelta(minutes=minutes))
"""Moments around a year's end, often equal, often a whole window apart."""

lines = st.lists(
    st.builds(
        lambda number, cents, quantity, grams, text, licence: line(
            schedule_b=number,
            value_usd=cents / 100,
            quantity=quantity,
            weight_kg=grams / 1000,
            description=text,
            license=licence,
        ),
        st.sampled_from(["8528", "852872", "8528721234", "9306", "610910", "100630"]),
        st.one_of(st.sampled_from([199_999, 200_000, 250_000, 250_001]), st.integers(0, 10**7)),
        st.integers(0, 50),
        st.integers(0, 10**6),
        st.text("abé ", max_size=12),
        st.sampled_from([None, "BAG"]),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def items(draw: st.DrawFn, item_id: str) -> Vehicle | Shipment:
    """Draw an item from few entities, so that they come back."""
    at = draw(moments)
    few = st.sampled_from(["A-1", "a1", "B 2", "C3"])
    maybe = st.one_of(st.none(), few)
    if draw(st.booleans()):
        return vehicle(
            item_id,
            at,
            port=draw(st.sampled_from(["2304", "2402", "2504"])),
            plate=draw(few),
            plate_state=draw(st.sampled_from([None, "TX", "CA"])),
            driver=draw(maybe),
            trailer=draw(maybe),
            model_year=draw(st.one_of(st.none(), st.integers(1950, 2026))),
            occupants=draw(st.one_of(st.none(), st.integers(0, 60))),
            form_4457=draw(st.one_of(st.none(), st.booleans())),
            body=draw(st.sampled_from([None, "suv", "van"])),
        )
    return shipment(
        item_id,
        at,
        port=draw(st.sampled_from(["5201", "5206"])),
        mode=draw(st.sampled_from(["ocean", "air", "mail"])),
        shipper=draw(few),
        consignee=draw(few),
        forwarder=draw(maybe),
        consignee_address=draw(maybe),
        phone=draw(maybe),
        container=draw(maybe),
        routed=draw(st.one_of(st.none(), st.booleans())),
        packages=draw(st.integers(0, 9)),
        gross_weight_kg=draw(st.integers(0, 10**6)) / 1000,
        filing=draw(
            st.sampled_from(
                [
                    {"itn": None, "exemption": "30.37(a)"},
                    {"itn": "X20250101123456", "exemption": None, "option": "postdeparture"},
                    {"itn": None, "exemption": None},
                ]
            )
        ),
        lines=draw(lines),
    )


@st.composite
def received(draw: st.DrawFn, most: int = 12) -> list[Received]:
    """Draw versions of items: some late, some amended with other entities and values."""
    found: list[Received] = []
    for number in range(draw(st.integers(1, most))):
        item = draw(items(f"I{number}"))
        late = draw(st.sampled_from([0, 0, 0, 1, 60 * 24, 60 * 24 * 20]))
        at = item.presented_at + timedelta(minutes=late)
        found.append(Received(item, 1, at))
        if draw(st.integers(0, 3)) == 0:
            amended = draw(items(f"I{number}"))
            again = max(at, amended.presented_at) + timedelta(minutes=draw(st.integers(1, 9999)))
            found.append(Received(amended, 2, again))
    return found


@st.composite
def inspections(draw: st.DrawFn, among: list[Received]) -> list[Inspection]:
    """Draw findings, some recorded late and some corrected later."""
    found: list[Inspection] = []
    for number, each in enumerate(among):
        if each.version > 1 or not draw(st.booleans()):
            continue
        recorded = each.item.presented_at + timedelta(minutes=draw(st.integers(0, 9999)))
        first = _inspection(f"N{number}", each.item.item_id, draw(outcomes), recorded, None)
        found.append(first)
        if draw(st.booleans()):
            later = recorded + timedelta(minutes=draw(st.integers(0, 9999)))
            found.append(
                _inspection(f"M{number}", each.item.item_id, draw(outcomes), later, f"N{number}")
            )
    return found


outcomes = st.sampled_from(["find", "clear", "not_completed"])


def _inspection(
    inspection_id: str, item_id: str, outcome: str, at: datetime, supersedes: str | None
) -> Inspection:
    return Inspection.model_validate(
        {
            "inspection_id": inspection_id,
            "supersedes": supersedes,
            "item_id": item_id,
            "method": "full_search",
            "minutes": 75.0,
            "outcome": outcome,
            "found_at": at,
            "recorded_at": at,
            "agency": "CBP",
        }
    )


@st.composite
def signals(draw: st.DrawFn, most: int = 8) -> list[Signal]:
    """Draw what agencies know about few entities: told twice, expired, or not for targeting."""
    return [
        draw(
            st.builds(
                Signal,
                signal_id=st.just(f"G{number}"),
                kind=st.sampled_from(["tip", "lookout", "trace"]),
                entity_kind=st.sampled_from(["plate", "shipper", "address", "phone"]),
                entity=st.sampled_from(["TX:A-1", "a1", "B 2", "C3"]),
                agency=st.sampled_from(["HSI", "ATF", "DEA"]),
                known_at=moments,
                expires_at=st.one_of(st.none(), moments),
                strength=st.integers(0, 100).map(lambda parts: parts / 100),
                permitted_use=st.sampled_from(["targeting", "targeting", "lead_only"]),
                detail=st.sampled_from([None, "seen near a dealer"]),
            )
        )
        for number in range(draw(st.integers(0, most)))
    ]


@st.composite
def histories(
    draw: st.DrawFn, most: int = 12
) -> tuple[list[Received], list[Inspection], list[Signal]]:
    """Draw items, findings and signals that belong together."""
    versions = draw(received(most))
    return versions, draw(inspections(versions)), draw(signals())
