"""What was typed goes to a browser and back unchanged, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.typed import Typed, local_path, read_typed

PATH = "/items/V1/finding"
WORDS = st.text(st.characters(codec="utf-8"))
FIELDS = st.dictionaries(WORDS.filter(bool), WORDS, min_size=1, max_size=8)


@given(FIELDS)
def test_whatever_was_typed_comes_back_as_it_was(fields: dict[str, str]) -> None:
    typed = Typed(PATH, fields)
    assert read_typed(PATH, typed.text) == typed


@pytest.mark.parametrize(
    "path", ["/", "/queue", "/sign-out", "/items/V1/claim", "/items/../x/finding"]
)
def test_only_forms_that_take_time_to_type_come_back(path: str) -> None:
    assert read_typed(path, "a=1") is None


@pytest.mark.parametrize(
    "given_path",
    [
        "",
        "queue",
        "//elsewhere.example/queue",
        "/\\elsewhere.example",
        "https://elsewhere.example",
        "javascript:alert(1)",
        "/queue\r\nSet-Cookie: x",
        "/queue?a=<script>",
        "/a//b",
    ],
)
def test_a_path_that_may_lead_elsewhere_leads_to_the_first_page(given_path: str) -> None:
    assert local_path(given_path) == "/"


def test_a_path_of_ours_is_kept() -> None:
    for path in ("/queue?mode=pov&lane=3", "/items/V-1.2:3/finding?corrects=ab12", "/"):
        assert local_path(path) == path
