from pathlib import Path

import pytest

from features.errors import InvalidTable
from training.parameters import PARAMETERS, RANGES, read_parameters


def test_what_a_file_does_not_name_stays_at_its_default(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"max_depth": 3, "lambda_l2": 20}')
    assert read_parameters(path) == PARAMETERS | {"max_depth": 3, "lambda_l2": 20}
    assert read_parameters(None) == PARAMETERS


def test_the_defaults_lie_inside_what_may_be_tuned() -> None:
    assert all(low <= PARAMETERS[name] <= high for name, (low, high) in RANGES.items())
    assert RANGES["max_depth"][1] <= 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "one JSON object"),
        ('{"depth": 3}', "'depth' is none of"),
        ('{"max_depth": 3.5}', "a whole number from 2 to 6"),
        ('{"max_depth": 9}', "from 2 to 6"),
        ('{"max_depth": true}', "from 2 to 6"),
        ('{"lambda_l2": "x"}', "a number from"),
    ],
)
def test_what_is_no_parameter_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(InvalidTable, match=message):
        read_parameters(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidTable, match="cannot be read"):
        read_parameters(tmp_path / "absent.json")
