import threading
import time

import pytest

from service.store.file import StoreUnavailable
from service.store.turns import Turns


def test_the_turn_goes_to_whoever_waited_longest() -> None:
    turns, order = Turns(10), list[int]()
    threads = []

    def write(number: int) -> None:
        with turns.take():
            order.append(number)

    with turns.take():
        for number in range(5):
            thread = threading.Thread(target=write, args=(number,))
            thread.start()
            threads.append(thread)
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_one_at_a_time_has_the_turn() -> None:
    turns, inside, most = Turns(10), 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(200):
            with turns.take():
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (1, 0)


def test_who_waits_too_long_is_refused_and_the_turn_goes_on() -> None:
    turns = Turns(0.02)
    refused = threading.Event()

    def write() -> None:
        with pytest.raises(StoreUnavailable, match="busy"), turns.take():
            pass
        refused.set()

    with turns.take():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert refused.is_set()
    with turns.take():
        pass


def test_a_block_that_raises_passes_the_turn_on() -> None:
    turns = Turns(0.02)

    def fail() -> None:
        with turns.take():
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with turns.take():
        pass
