from pathlib import Path

import pytest

from training.evaluation.own import UnknownPolicy, read_policy

POLICY = """
class Mine:
    name = "mine"

    def choose(self, situation, n_choices):
        return None


class Nameless:
    def choose(self, situation, n_choices):
        return None


number = 7
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own_policy.py"
    path.write_text(POLICY)
    return path


def test_a_policy_is_read_from_a_file_by_name(file: Path) -> None:
    assert read_policy(f"{file}:Mine").name == "mine"


@pytest.mark.parametrize("name", ["Nameless", "number", "absent", ""])
def test_what_is_no_policy_is_refused(file: Path, name: str) -> None:
    with pytest.raises(UnknownPolicy, match="has no class"):
        read_policy(f"{file}:{name}")


@pytest.mark.parametrize("place", ["absent.py:Mine", "Mine", ""])
def test_a_place_that_is_no_file_is_refused(place: str) -> None:
    with pytest.raises(UnknownPolicy, match=r"FILE\.py:NAME"):
        read_policy(place)
