"""The form of a shift, read."""

import pytest

from service.web.checking import Unacceptable
from service.web.opening import read_shift

FORM = {
    "shift_id": "night",
    "port": "2304",
    "way": "queue",
    "mode-pov": "yes",
    "mode-truck": "yes",
    "starts_at": "2026-11-24T22:00",
    "ends_at": "2026-11-25T06:00",
    "minutes.partial_search": "1,200",
    "minutes.nii_truck": "",
    "exploration_share": "12.5 %",
    "plan_every_minutes": "30",
    "expected_items": "",
}


def test_a_shift_is_read_in_the_time_of_its_port() -> None:
    shift = read_shift(FORM)
    assert shift.modes == ["pov", "truck"]
    assert shift.minutes == {"partial_search": 1200.0}
    assert shift.exploration_share == 0.125
    assert shift.starts_at.isoformat() == "2026-11-25T04:00:00+00:00"
    assert shift.expected_items is None


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"port": "9999"}, {"port"}),
        ({"starts_at": "", "ends_at": "x"}, {"starts_at", "ends_at"}),
        ({"exploration_share": "120"}, {"exploration_share"}),
        ({"minutes.partial_search": "-1"}, {"minutes.partial_search"}),
        ({"minutes.partial_search": " "}, {"minutes"}),
        ({"way": "sideways"}, {"way"}),
    ],
)
def test_each_fault_is_told_at_the_field_of_the_form(
    changes: dict[str, str], fields: set[str]
) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_shift(FORM | changes)
    assert set(refused.value.faults) == fields


def test_a_shift_without_a_mode_is_told_of_all_modes() -> None:
    without = {name: value for name, value in FORM.items() if not name.startswith("mode-")}
    with pytest.raises(Unacceptable) as refused:
        read_shift(without)
    assert set(refused.value.faults) == {"modes"}
