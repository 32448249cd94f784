"""Every test here starts a real child process."""

import os

import pytest

from models.bundle import VerifiedBundle
from models.errors import BundleRefused
from models.sandbox import CHILD_LIMITS, ChildLimits, check_in_child


@pytest.fixture
def files(verified: VerifiedBundle) -> dict[str, bytes]:
    names = {"model": "model.txt", "calibration": "calibration.json", "golden": "golden.parquet"}
    return {word: verified.contents[name] for word, name in names.items()}


def check(files: dict[str, bytes], limits: ChildLimits = CHILD_LIMITS) -> None:
    check_in_child(files["model"], files["calibration"], files["golden"], 5, limits)


def test_a_good_model_is_accepted(files: dict[str, bytes]) -> None:
    check(files)


def test_a_model_that_kills_its_reader_kills_only_the_child(files: dict[str, bytes]) -> None:
    # the validator would have refused this; LightGBM reads past its arrays
    loop = files["model"].replace(b"left_child=", b"left_child=77777777 ", 1)
    parent = os.getpid()
    with pytest.raises(BundleRefused, match=r"model\.txt"):
        check(files | {"model": loop})
    assert os.getpid() == parent


def test_a_model_that_its_reader_refuses_is_refused_with_what_it_said(
    files: dict[str, bytes],
) -> None:
    with pytest.raises(BundleRefused, match=r"model\.txt: loading it failed: LightGBMError"):
        check(files | {"model": b"tree\n"})


def test_a_model_that_never_answers_is_stopped_by_processor_time(files: dict[str, bytes]) -> None:
    limits = ChildLimits(cpu_seconds=3, wall_seconds=60)
    with pytest.raises(BundleRefused, match=r"SIGXCPU|SIGKILL"):
        check(files | {"model": endless(files["model"])}, limits=limits)


def test_a_model_that_never_answers_is_stopped_by_the_clock(files: dict[str, bytes]) -> None:
    limits = ChildLimits(wall_seconds=3.5)
    with pytest.raises(BundleRefused, match=r"more than 3\.5 seconds"):
        check(files | {"model": endless(files["model"])}, limits=limits)


def test_a_child_that_wants_more_memory_than_it_may_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(BundleRefused):
        check(files, limits=ChildLimits(memory_bytes=200 << 20))


@pytest.mark.parametrize("golden", [b"", b"PAR1", b"not parquet at all"])
def test_golden_rows_that_cannot_be_read_are_refused(
    files: dict[str, bytes], golden: bytes
) -> None:
    with pytest.raises(BundleRefused, match=r"golden\.parquet: it cannot be read"):
        check(files | {"golden": golden})


def test_a_model_of_other_answers_is_refused_with_the_file(files: dict[str, bytes]) -> None:
    other = files["model"].replace(b"leaf_value=-", b"leaf_value=+", 1)
    assert other != files["model"]
    with pytest.raises(BundleRefused, match=r"golden\.parquet: the model does not give"):
        check(files | {"model": other})


def test_a_damaged_calibration_is_refused_with_the_file(files: dict[str, bytes]) -> None:
    with pytest.raises(BundleRefused, match=r"calibration\.json"):
        check(files | {"calibration": b"{}\n"})


def endless(model: bytes) -> bytes:
    """Make the root of the first tree its own child on both sides."""
    lines = model.split(b"\n")
    for index, line in enumerate(lines):
        if line.startswith((b"left_child=", b"right_child=")):
            name, values = line.split(b"=")
            zeros = b" ".join(b"0" * len(value) for value in values.split())
            lines[index] = name + b"=" + zeros
    return b"\n".join(lines)
