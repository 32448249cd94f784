import polars as pl
import pytest

from training.simulation.policy import CHOICE_COLUMNS, InvalidChoice, check_choices

ITEMS = pl.DataFrame({"item_id": ["a", "b", "c"]})


def choices(**changes: list[object]) -> pl.DataFrame:
    rows: dict[str, list[object]] = {
        "item_id": ["c", "a", "b"],
        "chosen": [True, False, False],
        "arm": ["risk", None, None],
        "reason": [None, None, None],
        "propensity": [0.5, 0.1, 0.0],
        "method": ["canine", None, None],
    }
    return pl.DataFrame(rows | changes, schema=CHOICE_COLUMNS)


def test_choices_come_back_in_the_order_of_the_items() -> None:
    assert check_choices(choices(), ITEMS)["chosen"].to_list() == [False, False, True]


@pytest.mark.parametrize(("changes", "words"), [
    ({"item_id": ["c", "a", "a"]}, "exactly one row"),
    ({"item_id": ["c", "a", "x"]}, "not in the week"),
    ({"propensity": [1.5, 0.1, 0.0]}, "between 0 and 1"),
    ({"propensity": [None, 0.1, 0.0]}, "between 0 and 1"),
    ({"propensity": [0.0, 0.1, 0.0]}, "c is chosen with propensity 0"),
    ({"method": [None, None, None]}, "no method"),
])  # fmt: skip
def test_impossible_choices_are_refused(changes: dict[str, list[object]], words: str) -> None:
    with pytest.raises(InvalidChoice, match=words):
        check_choices(choices(**changes), ITEMS)


def test_missing_rows_are_refused() -> None:
    with pytest.raises(InvalidChoice, match="exactly one row"):
        check_choices(choices().head(2), ITEMS)


def test_missing_columns_are_refused() -> None:
    with pytest.raises(InvalidChoice, match="return"):
        check_choices(choices().drop("reason"), ITEMS)
