import pytest

from service.importing.pace import LONGEST_SECONDS, Pace


class Watch:
    """A clock that only stands or is moved, and remembers how long it was slept on."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def _run(pace: Pace, watch: Watch, seconds_a_row: float, times: int = 20) -> list[float]:
    lasted = []
    for _ in range(times):
        n_rows = pace.n_rows
        with pace.transaction(n_rows):
            watch.at += n_rows * seconds_a_row
        lasted.append(n_rows * seconds_a_row)
    return lasted


@pytest.mark.parametrize("seconds_a_row", [0.0002, 0.0005, 0.002, 0.01])
def test_transactions_come_to_take_as_long_as_they_should(seconds_a_row: float) -> None:
    watch = Watch()
    lasted = _run(Pace(0.1, watch, watch.sleep), watch, seconds_a_row)
    assert lasted[-1] == pytest.approx(LONGEST_SECONDS, rel=0.2)
    assert max(lasted) <= 1.0


def test_rows_that_cost_nothing_still_come_in_bounded_transactions() -> None:
    watch = Watch()
    pace = Pace(0.1, watch, watch.sleep)
    _run(pace, watch, 0.0)
    assert pace.n_rows == 2_000


def test_rows_that_cost_much_still_come_in() -> None:
    watch = Watch()
    pace = Pace(0.1, watch, watch.sleep)
    _run(pace, watch, 5.0)
    assert pace.n_rows == 10


def test_others_get_their_turn_between_two_transactions() -> None:
    watch = Watch()
    pace = Pace(0.1, watch, watch.sleep)
    with pace.transaction(100):
        watch.at += 0.3
    assert watch.slept == []
    watch.at += 0.04  # time in which rows were read counts as a turn
    with pace.transaction(100):
        pass
    assert watch.slept == [pytest.approx(0.06)]


def test_a_transaction_that_fails_teaches_nothing() -> None:
    watch = Watch()
    pace = Pace(0.1, watch, watch.sleep)

    def fail() -> None:
        with pace.transaction(100):
            watch.at += 9.0
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert pace.n_rows == 100
