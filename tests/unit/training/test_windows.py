from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from features.errors import InvalidTable
from training.dataset import labelled
from training.tables import read_tables
from training.windows import cut, joined, recent, split_by_time


def test_each_part_of_the_split_is_later_than_the_one_before(data_folder: Path) -> None:
    data = labelled(read_tables(data_folder))
    split = split_by_time(data)
    parts = [split.fit, split.stop, split.choose, split.calibrate, split.test]
    for before, after in pairwise(parts):
        assert before.presented_at.max() < after.presented_at.min()
    assert sum(len(part.y) for part in parts) == len(data.y)


def test_a_split_without_both_outcomes_in_every_part_is_refused(data_folder: Path) -> None:
    data = labelled(read_tables(data_folder))
    with pytest.raises(InvalidTable, match="both outcomes are needed"):
        split_by_time(replace(data, y=np.ones_like(data.y)))


def test_parts_joined_again_are_the_whole(data_folder: Path) -> None:
    data = labelled(read_tables(data_folder))
    whole = joined(cut(data, (0.3, 0.6)))
    assert whole.item_ids == data.item_ids
    np.testing.assert_array_equal(whole.X, data.X)
    np.testing.assert_array_equal(whole.explored, data.explored)


def test_the_recent_window_holds_the_latest_share_of_the_finds(data_folder: Path) -> None:
    data = labelled(read_tables(data_folder))
    late = recent(data, 0.25)
    assert late.y.sum() == pytest.approx(data.y.sum() / 4, abs=1)
    assert late.item_ids == data.item_ids[-len(late.y) :]
    assert late.y[0] == 1
