from datetime import timedelta
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import FEATURES
from features.encoding import Encoded, encode_items, encode_table
from features.filing_features import FILING_FEATURES
from features.item_features import ITEM_FEATURES
from features.items import Shipment, Vehicle
from features.line_readings import LINE_READINGS
from features.matrix import matrix_from_items
from tests.fakes import START, Received, items_table, shipment, vehicle
from tests.sundry import sundry_items

OF_ITEMS = (*ITEM_FEATURES, *FILING_FEATURES)


def tabled(items: list[Vehicle | Shipment]) -> Encoded:
    later = START + timedelta(days=900)
    return encode_table(items_table([Received(item, 1, later) for item in items]))


@given(sundry_items())
@settings(max_examples=100, deadline=None)
def test_items_and_tables_are_read_as_the_same_integers(items: list[Vehicle | Shipment]) -> None:
    one, other = encode_items(items), tabled(items)
    assert one.item_ids == other.item_ids
    np.testing.assert_array_equal(one.line_item, other.line_item)
    for name, column in one.items.items():
        np.testing.assert_array_equal(column, other.items[name], err_msg=name)
    for name, column in one.lines.items():
        np.testing.assert_array_equal(column, other.lines[name], err_msg=name)


@given(sundry_items(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_batch_gives_what_tables_and_single_items_in_any_order_give(
    items: list[Vehicle | Shipment], random: Random
) -> None:
    encoded, table = encode_items(items), tabled(items)
    order = list(range(len(items)))
    random.shuffle(order)
    shuffled = encode_items([items[place] for place in order])
    for computed in OF_ITEMS:
        batch, name = computed.compute(encoded), computed.feature.name
        np.testing.assert_array_equal(computed.compute(table), batch, err_msg=name)
        np.testing.assert_array_equal(computed.compute(shuffled), batch[order], err_msg=name)
    for place, item in enumerate(items):
        single = encode_items([item])
        for computed in OF_ITEMS:
            np.testing.assert_array_equal(
                computed.compute(single)[0], computed.compute(encoded)[place], computed.feature.name
            )


@given(sundry_items())
@settings(max_examples=30, deadline=None)
def test_vehicles_have_nothing_of_what_is_filed(items: list[Vehicle | Shipment]) -> None:
    X = matrix_from_items(items, [0] * len(items), None).X
    filed = [place for place, feature in enumerate(FEATURES) if feature.group == "filing"]
    vehicles = [place for place, item in enumerate(items) if item.kind == "vehicle"]
    assert np.isnan(X[np.ix_(vehicles, filed)]).all()


def test_a_batch_of_vehicles_alone_is_filled_as_one_among_shipments() -> None:
    alone = matrix_from_items([vehicle(occupants=3)], [0], None).X[0]
    among = matrix_from_items([shipment(), vehicle(occupants=3)], [0, 0], None).X[1]
    np.testing.assert_array_equal(alone, among)


def test_numbers_of_other_lengths_are_other_numbers() -> None:
    numbers = ["0101", "0101.00", "0101.00.0000", "9306", "9306.00"]
    reading = next(each for each in LINE_READINGS if each.name == "number")
    read = reading.read([number.replace(".", "") for number in numbers])
    assert len(set(read)) == len(numbers)


def test_no_items_are_no_rows() -> None:
    encoded = encode_items([])
    assert encoded.n_items == 0
    assert all(computed.compute(encoded).shape == (0,) for computed in OF_ITEMS)


def test_what_is_shared_is_computed_once() -> None:
    encoded, asked = encode_items([vehicle()]), []

    def count(given: Encoded) -> int:
        asked.append(given.n_items)
        return len(asked)

    assert (encoded.shared(count), encoded.shared(count), asked) == (1, 1, [1])
