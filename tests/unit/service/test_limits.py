import pytest

from service.limits import BURST_SECONDS, MOST_BUCKETS, Limits, TooManyRequests


class Timer:
    """Seconds that stand still until they are moved."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def _taken(limits: Limits, name: str, per_second: float) -> int:
    for number in range(100_000):
        try:
            limits.take(name, per_second)
        except TooManyRequests:
            return number
    raise AssertionError("never refused")


def test_a_burst_is_let_in_and_no_more() -> None:
    assert _taken(Limits(Timer()), "key", 5) == 5 * BURST_SECONDS


def test_the_bucket_fills_up_again_up_to_the_burst() -> None:
    timer = Timer()
    limits = Limits(timer)
    _taken(limits, "key", 5)
    timer.at = 2.0
    assert _taken(limits, "key", 5) == 10
    timer.at = 1_000.0
    assert _taken(limits, "key", 5) == 50


def test_each_key_has_a_bucket_of_its_own() -> None:
    limits = Limits(Timer())
    _taken(limits, "one", 1)
    limits.take("other", 1)


def test_who_calls_too_fast_is_told_when_to_come_back() -> None:
    limits = Limits(Timer())
    _taken(limits, "key", 0.25)
    with pytest.raises(TooManyRequests, match="slow down") as refused:
        limits.take("key", 0.25)
    assert refused.value.headers == {"Retry-After": "2"}


def test_memory_is_bounded() -> None:
    limits = Limits(Timer())
    _taken(limits, "first", 1)
    for number in range(MOST_BUCKETS):
        limits.take(f"key {number}", 1)
    assert _taken(limits, "first", 1) == BURST_SECONDS
