import re
from pathlib import Path

import pytest

from training.simulation.facts import facts, targets
from training.simulation.world import STREAMS, UnknownWorld, load_world, shipped_worlds

NAMED = ("choice:", "departure")


def test_six_worlds_are_shipped() -> None:
    assert shipped_worlds() == ("demo", "full", "lawful", "leaky", "shifted", "small")


@pytest.mark.parametrize("name", shipped_worlds())
def test_every_number_names_its_fact_or_says_that_it_is_a_choice(name: str) -> None:
    for parameter, origin in load_world(name).origins.items():
        known = any(origin.startswith(fact) for fact in facts())
        departs = origin.startswith("departure") and (": " in origin)
        assert known or departs or origin.startswith("choice: "), (parameter, origin)


@pytest.mark.parametrize("name", shipped_worlds())
def test_departures_name_what_they_depart_from_or_why(name: str) -> None:
    for origin in load_world(name).origins.values():
        for fact in re.findall(r"departure from ([A-Za-z._-]+)", origin):
            assert fact.rstrip(":.") in facts()


@pytest.mark.parametrize("name", shipped_worlds())
def test_the_ways_of_a_stream_add_up_to_one(name: str) -> None:
    split = load_world(name).trafficking.split
    for stream in STREAMS:
        assert sum(split[stream].values()) == pytest.approx(1.0)


def test_a_world_changes_what_it_says_and_keeps_the_rest() -> None:
    base, small = load_world("full"), load_world("small")
    assert small.volume.fraction == 0.01
    assert small.volume.air_per_day == base.volume.air_per_day
    assert load_world("shifted").past == small.past


def test_an_override_replaces_one_number_and_says_so() -> None:
    world = load_world("small", {"past.coverage.pov": 0.5})
    assert world.past.coverage["pov"] == 0.5
    assert world.past.coverage["bus"] == load_world("small").past.coverage["bus"]
    assert world.origins["past.coverage.pov"].startswith("override")


def test_an_override_may_come_as_text() -> None:
    assert load_world("small", {"trafficking.networks": "12"}).trafficking.networks == 12


def test_an_unknown_world_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownWorld, match="demo, full, lawful"):
        load_world("narnia")


def test_an_unknown_parameter_is_refused_by_name() -> None:
    with pytest.raises(UnknownWorld) as refusal:
        load_world("small", {"volume.fractoin": 1})
    assert refusal.value.field == "volume.fractoin"


def test_an_impossible_value_is_refused_by_name() -> None:
    with pytest.raises(UnknownWorld) as refusal:
        load_world("small", {"volume.fraction": -1})
    assert refusal.value.field == "volume.fraction"


def test_a_world_of_ones_own_extends_a_shipped_one(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'title = "Mine"\nextends = "small"\n[volume]\n'
        'fraction = { value = 0.002, from = "choice: tiny" }\n'
    )
    world = load_world(mine)
    assert (world.name, world.title, world.volume.fraction) == ("mine", "Mine", 0.002)


@pytest.mark.parametrize(("text", "words"), [
    ("fraction = = 1", "not a TOML file"),
    ('title = "x"\nextends = "small"\n[volume]\nfraction = 0.5\n', "from"),
])  # fmt: skip
def test_a_world_file_that_cannot_be_read_says_why(tmp_path: Path, text: str, words: str) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(text)
    with pytest.raises(UnknownWorld, match=words):
        load_world(mine)


def test_ten_targets_have_ranges() -> None:
    assert len(targets()) == 10
    assert all(target.low < target.high for target in targets().values())


def test_facts_say_where_they_are_from() -> None:
    assert facts()["A-pulse"].assumed
    assert not facts()["bts.totals"].assumed
    assert all(fact.source for fact in facts().values())
