import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.descriptions import MOST_WORDS, WORD_BITS, pack_wording, wording, words
from features.reference.tables import chapters, headings, vague_words


def test_words_compare_equal_over_case_plural_and_compatibility_forms() -> None:
    assert words("TELEVISIONS") == words("television") == {"television"}
    assert words("\uff34\uff36") == words("TV") == {"tv"}
    assert words("boxes, batteries; glass & axes") == {"box", "battery", "glass", "ax"}


def test_a_description_in_the_words_of_its_heading_is_its_own() -> None:
    for number, heading in headings().items():
        found = wording(heading.text, number)
        assert found.n_elsewhere == 0, number
        assert found.n_own > 0 or found.vague, number


def test_words_of_another_heading_are_told_apart() -> None:
    assert wording("wooden furniture", "852872")[:2] == (0, 2)
    assert wording("television furniture", "852872")[:2] == (1, 1)


def test_the_title_of_the_chapter_counts_for_headings_that_are_not_known() -> None:
    assert wording("live animals", "0102") == (2, 0, False, False)
    assert wording("live animals", "852872")[:2] == (0, 2)


@pytest.mark.parametrize("text", ["電視機", "телевизоры", "تلفاز", "टेलीविजन", "televisores"])
def test_words_of_other_languages_and_scripts_are_neither_strange_nor_vague(text: str) -> None:
    assert wording(text, "852872") == (0, 0, False, False)


@pytest.mark.parametrize(
    "text", ["", "1234", "gift", "Misc. parts", "used goods", "freight all kinds"]
)
def test_what_says_nothing_is_vague(text: str) -> None:
    assert wording(text, "852872").vague


def test_one_telling_word_is_enough_not_to_be_vague() -> None:
    assert not wording("used television parts", "852872").vague


def test_no_vague_word_belongs_to_a_heading() -> None:
    vague = words(" ".join(vague_words()))
    for number in (*headings(), *chapters()):
        assert wording(" ".join(sorted(vague)), number)[:2] == (0, 0)


@given(st.text(max_size=500), st.sampled_from(["852872", "9302", "0102", "8528721234"]))
def test_packing_keeps_everything(text: str, number: str) -> None:
    packed, found = pack_wording(text, number), wording(text, number)
    assert packed & MOST_WORDS == found.n_own
    assert packed >> WORD_BITS & MOST_WORDS == found.n_elsewhere
    assert packed >> 2 * WORD_BITS == found.vague + 2 * found.used


def test_the_longest_description_fits_its_bits() -> None:
    longest = " ".join(sorted(set().union(*(words(title) for title in chapters().values()))))[:500]
    assert len(words(longest)) < MOST_WORDS
    assert pack_wording(longest, "8528") >> WORD_BITS & MOST_WORDS > 0
