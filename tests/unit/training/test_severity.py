from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.dataset import labelled
from training.severity import PSEUDO_FINDS, expected_severity
from training.tables import read_tables


def test_a_mode_with_few_finds_is_drawn_towards_all_and_one_with_many_is_not(
    data_folder: Path,
) -> None:
    data = labelled(read_tables(data_folder))
    finds = np.flatnonzero(data.y == 1)
    mode, severity = data.mode.astype("<U8"), np.zeros(len(data.y))
    severity[finds] = 1.0
    mode[finds[:2]], severity[finds[:2]] = "air", 31.0
    mode[np.flatnonzero(data.y == 0)[0]] = "mail"
    by_mode, overall = expected_severity(replace(data, mode=mode, severity=severity))
    assert overall == pytest.approx(severity[finds].mean())
    assert by_mode["air"] == pytest.approx((62 + PSEUDO_FINDS * overall) / (2 + PSEUDO_FINDS))
    assert by_mode["mail"] == pytest.approx(overall)
    assert abs(by_mode["pov"] - 1.0) < abs(overall - 1.0)
