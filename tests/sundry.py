"""Hypothesis strategies: shipments that claim, classify and describe in every way there is."""

from datetime import timedelta
from typing import get_args

from hypothesis import strategies as st

from features.items import Content, Shipment, ShipmentMode, Vehicle
from features.reference.tables import eccns, exemptions, headings
from tests.fakes import START, line, shipment
from tests.streams import items

NUMBERS = (
    "8528",
    "852872",
    "8528721234",
    "8703",
    "8703231234",
    "870899",
    "930190",
    "9306",
    "100630",
)
TEXTS = ("used car", "Televisions, LED", "wooden furniture", "gift", "", "12 34", "misc. parts")
SCRIPTS = (
    "電視機",
    "телевизоры",
    "تلفاز",
    "टेलीविजन",
    "televisores usados",
    "FURNITURE ﬁttings",
)
EXCEPTIONS = (None, None, "BAG", "bag", "GFT", "NLR", "D123456")

sundry_lines = st.lists(
    st.builds(
        lambda number, eccn, licence, cents, text, quantity, grams: line(
            schedule_b=number,
            eccn=eccn,
            license=licence,
            value_usd=cents / 100,
            description=text,
            quantity=quantity,
            weight_kg=grams / 1000,
        ),
        st.sampled_from([*NUMBERS, *(f"{number}" for number in headings())]),
        st.sampled_from(
            [None, None, "EAR99", *(f"{code}" for code in eccns()), "0A501.a", "0A505.c"]
        ),
        st.sampled_from(EXCEPTIONS),
        st.one_of(st.sampled_from([125_000, 200_000, 250_000, 250_001]), st.integers(0, 10**6)),
        st.one_of(
            st.sampled_from([*TEXTS, *SCRIPTS]), st.text(max_size=20).filter(str.isprintable)
        ),
        st.integers(0, 9),
        st.integers(0, 10**5),
    ),
    min_size=1,
    max_size=5,
)

filings = st.builds(
    lambda itn, exemption, option: {"itn": itn, "exemption": exemption, "option": option},
    st.sampled_from([None, None, "X20250101123456"]),
    st.one_of(st.none(), st.sampled_from(sorted(exemptions()))),
    st.sampled_from([None, None, "predeparture", "postdeparture"]),
)


@st.composite
def sundry_shipments(draw: st.DrawFn, item_id: str = "S1") -> Shipment:
    """Draw a shipment for which every rule of filing can turn out either way."""
    some = st.one_of(st.none(), st.just("A-1"))
    at = START + timedelta(minutes=draw(st.integers(0, 500_000)))
    return shipment(
        item_id,
        at,
        mode=draw(st.sampled_from(get_args(ShipmentMode))),
        port=draw(st.sampled_from(["5201", "2304", "8000"])),
        departs_at=at + timedelta(minutes=draw(st.integers(0, 5000))),
        destination=draw(st.sampled_from(["JM", "CA", "CU", "US", "GU", "MX", "IR"])),
        content=draw(st.sampled_from(get_args(Content))),
        filing=draw(filings),
        forwarder=draw(some),
        container=draw(some),
        phone=draw(some),
        consignee_address=draw(some),
        routed=draw(st.sampled_from([None, True, False])),
        packages=draw(st.integers(0, 30)),
        gross_weight_kg=draw(st.integers(0, 10**6)) / 1000,
        lines=draw(sundry_lines),
    )


@st.composite
def sundry_items(draw: st.DrawFn, most: int = 8) -> list[Vehicle | Shipment]:
    """Draw items of both kinds."""
    return [
        draw(st.one_of(items(f"I{number}"), sundry_shipments(f"I{number}")))
        for number in range(draw(st.integers(1, most)))
    ]
