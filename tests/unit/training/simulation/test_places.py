from datetime import UTC, datetime

import numpy as np
import pytest

from training.simulation.places import places, stream_of
from training.simulation.rhythm import epoch_day
from training.simulation.world import MODES, STREAMS, Mode


def test_there_are_fifty_five_ports() -> None:
    assert len(places().codes) == 55


@pytest.mark.parametrize(("country", "stream"), [("MX", "mexico"), ("JM", "caribbean"),
                                                 ("GY", "caribbean"), ("HN", "latin_america"),
                                                 ("BR", "latin_america")])  # fmt: skip
def test_countries_belong_to_streams(country: str, stream: str) -> None:
    assert stream_of(country) == stream


def test_local_hours_become_utc_in_summer_and_winter() -> None:
    laredo = np.array([places().codes.index("2304")])
    for month, utc_hour in ((1, 16), (7, 15)):
        day = np.array([epoch_day(datetime(2025, month, 15, tzinfo=UTC).date())])
        at = places().to_utc(laredo, day, np.array([10.5]))
        moment = datetime.fromtimestamp(int(at[0]) / 1e6, UTC)
        assert (moment.hour, moment.minute) == (utc_hour, 30)


@pytest.mark.parametrize("mode", MODES)
def test_shares_of_a_mode_add_up_to_one(mode: Mode) -> None:
    assert places().shares(mode).sum() == pytest.approx(1.0)


def test_every_port_sends_somewhere_in_every_stream() -> None:
    for stream in STREAMS:
        assert (places().destination_weights(stream).sum(axis=1) > 0).all()


def test_destinations_of_a_stream_lie_in_it() -> None:
    weights = places().destination_weights("caribbean")
    used = {places().countries[c] for c in np.flatnonzero(weights.sum(axis=0))}
    assert {stream_of(country) for country in used} == {"caribbean"}


def test_neighbours_by_land_lie_in_the_same_state() -> None:
    weights, states = places().neighbours("pov"), np.array(places().states)
    laredo = places().codes.index("2304")
    likely = np.flatnonzero(weights[laredo] > 1e-6)
    assert set(states[likely]) == {"TX"}
