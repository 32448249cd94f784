import pytest

from features.arms import read_arms
from tests.declarations import line_of


@pytest.mark.parametrize(
    ("number", "reading"),
    [
        ("9301", "firearm"),
        ("9302", "firearm"),
        ("9302000000", "firearm"),
        ("930330", "firearm"),
        ("9306", "ammunition"),
        ("930630", "ammunition"),
        ("9305", "part"),
        ("930510", "part"),
        ("9304", "none"),
        ("9307", "none"),
        ("901310", "none"),
        ("8528.72", "none"),
        ("0101", "none"),
    ],
)
def test_without_an_eccn_the_heading_decides(number: str, reading: str) -> None:
    assert read_arms(line_of(schedule_b=number)) == reading


@pytest.mark.parametrize(
    ("eccn", "reading"),
    [
        ("0A501", "firearm"),
        ("0A501.a", "firearm"),
        ("0A501.b", "firearm"),
        ("0A501.c", "part"),
        ("0A501.e", "part"),
        ("0A501.x", "part"),
        ("0A502", "shotgun"),
        ("0A508", "shotgun"),
        ("0A504", "none"),
        ("0A505", "ammunition"),
        ("0A505.a", "ammunition"),
        ("0A505.c", "none"),
        ("0A505.x", "ammunition"),
        ("0A506", "firearm"),
        ("0A506.a", "firearm"),
        ("0A507", "firearm"),
        ("0A509", "part"),
        ("EAR99", "none"),
        ("5A992", "none"),
    ],
)
def test_under_a_heading_of_other_goods_the_eccn_decides(eccn: str, reading: str) -> None:
    assert read_arms(line_of(schedule_b="7326.90", eccn=eccn)) == reading


@pytest.mark.parametrize(
    ("number", "eccn", "reading"),
    [
        ("9306", "0A505.c", "none"),
        ("9306", "EAR99", "disputed"),
        ("9306", "0A501.c", "disputed"),
        ("9302", "EAR99", "disputed"),
        ("9302", "0A505.c", "disputed"),
        ("9302", "0A501.c", "disputed"),
        ("9302", "0A509", "disputed"),
        ("9303", "0A502", "shotgun"),
        ("9303", "0A501.a", "firearm"),
        ("9305", "0A501", "part"),
        ("9305", "0A501.a", "firearm"),
        ("9305", "0A502", "part"),
        ("9305", "EAR99", "none"),
    ],
)
def test_heading_and_eccn_are_read_together(number: str, eccn: str, reading: str) -> None:
    assert read_arms(line_of(schedule_b=number, eccn=eccn)) == reading


def test_value_licence_and_words_do_not_change_what_a_line_is() -> None:
    line = line_of(schedule_b="9302", value_usd=0, license="BAG", description="television")
    assert read_arms(line) == "firearm"
