import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.items import Shipment, Vehicle
from models.predicates.live import compile_predicate
from models.predicates.parse import parse
from models.predicates.places import PLACE, split_by_place
from models.predicates.tree import Constant
from tests.streams import items
from tests.unit.models.predicates.strategies import FEATURES, conditions

PLACES = {name: place for place, name in enumerate(FEATURES)}
OF_PLACE = st.sampled_from(
    ["mode = 'pov'", "kind <> 'vehicle'", "port IN ('2304', '5201')", "length(mode) / 0 > 1"]
)


@given(OF_PLACE, conditions(2), st.sampled_from(["AND", "OR"]), items("I1"))
@settings(max_examples=200, deadline=None)
def test_both_parts_hold_exactly_where_the_whole_holds(
    left: str, right: str, joint: str, item: Vehicle | Shipment
) -> None:
    whole = parse(f"{left} {joint} ({right})")
    place, rest = (compile_predicate(part, PLACES) for part in split_by_place(whole))
    values = [1.0] * len(FEATURES)
    both = place(item, values) and rest(item, values)
    assert both == compile_predicate(whole, PLACES)(item, values)


@pytest.mark.parametrize(
    ("text", "n_of_place", "n_of_rest"),
    [
        ("mode = 'pov' AND occupants = 1 AND port = '2304'", 2, 1),
        ("mode = 'pov' AND kind = 'vehicle'", 2, 0),
        ("occupants = 1 AND TRUE", 0, 1),
        ("mode = 'pov' OR occupants = 1", 0, 2),
        ("mode = 'pov'", 1, 0),
    ],
)
def test_what_the_place_decides_is_taken_apart(text: str, n_of_place: int, n_of_rest: int) -> None:
    place, rest = split_by_place(parse(text))
    assert {column.name for column in place.columns} <= PLACE
    assert (len(place.columns), len(rest.columns)) == (n_of_place, n_of_rest)
    assert isinstance(place.root, Constant) == (n_of_place == 0)
