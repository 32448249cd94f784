"""Times that are typed into forms."""

from zoneinfo import ZoneInfo

import pytest

from service.web.times import in_utc

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-24T09:00", "2026-11-24T15:00:00+00:00"),
        (" 2026-07-01T09:00 ", "2026-07-01T14:00:00+00:00"),
        ("2026-11-01T01:30", "2026-11-01T06:30:00+00:00"),
        ("2026-11-24T09:00+01:00", "2026-11-24T08:00:00+00:00"),
    ],
)
def test_a_time_is_that_of_the_port_and_of_two_the_first(typed: str, meant: str) -> None:
    assert in_utc(typed, CHICAGO) == meant


@pytest.mark.parametrize("typed", ["", "tonight", "2026-13-01T00:00"])
def test_what_is_no_time_is_left_to_be_refused(typed: str) -> None:
    assert in_utc(typed, CHICAGO) == typed
