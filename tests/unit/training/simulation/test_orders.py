import numpy as np
import pytest

from tests.unit.training.simulation.settings import setting
from training.simulation.consignments import lawful_consignments, sendings
from training.simulation.orders import IN_PIECES, ordered
from training.simulation.setting import Setting

DAYS = range(20_150, 20_178)


def where(scale: float = 1.0) -> Setting:
    return setting(scale, volume__fraction=0.004)


@pytest.mark.parametrize("mode", sorted(IN_PIECES))
def test_the_share_of_pieces_is_the_stated_one(mode: str) -> None:
    trips = sendings(mode, where(), DAYS)  # type: ignore[arg-type]  # a mode
    placed = ordered(mode, where(), trips)  # type: ignore[arg-type]  # a mode
    share = (placed.trip != trips.trip).mean()
    assert share == pytest.approx(IN_PIECES[mode], abs=0.03)  # type: ignore[index]  # a mode


def test_an_order_goes_out_in_several_pieces_over_some_days() -> None:
    trips = sendings("mail", where(), DAYS)
    placed = ordered("mail", where(), trips)
    piece = (placed.trip != trips.trip) & (trips.day >= DAYS.start + 5) & (trips.day < 20_170)
    orders, position, counts = np.unique(
        placed.trip[piece], return_inverse=True, return_counts=True
    )  # fmt: skip
    assert 2.0 < counts.mean() < 3.5
    last, first = np.zeros(len(orders)), np.full(len(orders), np.inf)
    np.maximum.at(last, position, trips.day[piece])
    np.minimum.at(first, position, trips.day[piece])
    assert (last - first).max() == 5
    assert (placed.day <= trips.day).all()


def test_the_pieces_of_an_order_have_one_sender_and_one_house() -> None:
    trips = sendings("express", where(), DAYS)
    placed = ordered("express", where(), trips)
    batch = lawful_consignments("express", where(), trips)
    pairs = np.stack([batch.trips.actor, batch.consignee, batch.address, batch.phone])
    for order in np.unique(placed.trip[placed.trip != trips.trip])[:200]:
        assert len(np.unique(pairs[:, placed.trip == order], axis=1).T) == 1


def test_pieces_are_items_of_their_own() -> None:
    batch = lawful_consignments("mail", where(), sendings("mail", where(), DAYS))
    assert len(np.unique(batch.trips.trip)) == len(batch)


def test_thinning_keeps_the_orders_of_the_senders_that_it_keeps() -> None:
    trips = sendings("mail", where(), DAYS)
    whole = lawful_consignments("mail", where(), trips)
    thin = lawful_consignments("mail", where(0.3), trips)
    mine = np.isin(whole.trips.actor, thin.trips.actor)
    assert 0 < len(thin) < len(whole)
    assert np.array_equal(whole.trips.trip[mine], thin.trips.trip)


def test_other_modes_have_no_orders() -> None:
    trips = sendings("ocean", where(), DAYS)
    assert ordered("ocean", where(), trips) is trips
