from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from features.fields import (
    MOST_DOLLARS,
    CountryCode,
    Dollars,
    EccnCode,
    ExemptionCode,
    Identifier,
    Label,
    PortCode,
    RecordId,
    ScheduleB,
    Share,
    Text,
    Time,
)

time: TypeAdapter[datetime] = TypeAdapter(Time)
dollars: TypeAdapter[Decimal] = TypeAdapter(Dollars)
schedule_b: TypeAdapter[str] = TypeAdapter(ScheduleB)
identifier: TypeAdapter[str] = TypeAdapter(Identifier)
text: TypeAdapter[str] = TypeAdapter(Text)
label: TypeAdapter[str] = TypeAdapter(Label)
share: TypeAdapter[float] = TypeAdapter(Share)
eccn: TypeAdapter[str] = TypeAdapter(EccnCode)
record_id: TypeAdapter[str] = TypeAdapter(RecordId)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-24T10:00:00Z",
        "2026-11-24t10:00:00z",
        "2026-11-24 10:00:00+00:00",
        "2026-11-24T04:00:00-06:00",
        "2026-11-24T10:00:00.000000Z",
    ],
)
def test_one_moment_in_any_zone_is_the_same_utc_time(written: str) -> None:
    read = time.validate_python(written)
    assert read == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert read.tzinfo is UTC


@given(st.datetimes(datetime(1992, 1, 1), datetime(2190, 1, 1)), st.integers(-12 * 60, 14 * 60))  # noqa: DTZ001 - zones are added
def test_microseconds_and_offsets_survive_reading(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert time.validate_python(moment.isoformat()) == moment
    assert time.validate_python(moment) == moment


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("2026-11-24T10:00:00", "no zone"),
        (datetime(2026, 11, 24), "no zone"),  # noqa: DTZ001 - a naive time is the case
        ("2026-11-24", "such as 2026"),
        ("2026-13-24T10:00:00Z", "such as 2026"),
        ("2026-11-24T10:00:00+99:00", "such as 2026"),
        ("\uff12026-11-24T10:00:00Z", "such as 2026"),
        (1_763_978_400, "such as 2026"),
        (True, "such as 2026"),
        ("1066-10-14T10:00:00Z", "between 1990 and 2199"),
        ("9999-12-31T23:59:59-12:00", "between 1990 and 2199"),
    ],
)
def test_a_time_that_cannot_be_trusted_is_refused(written: object, advice: str) -> None:
    with pytest.raises(ValidationError, match=advice):
        time.validate_python(written)


@given(st.integers(0, MOST_DOLLARS * 100))
def test_every_number_of_cents_is_kept_exactly(cents: int) -> None:
    assert dollars.validate_python(cents / 100) * 100 == cents
    assert dollars.validate_json(f"{cents // 100}.{cents % 100:02}") * 100 == cents


@pytest.mark.parametrize(
    ("amount", "advice"),
    [
        (-0.01, "between 0 and"),
        (MOST_DOLLARS + 1, "between 0 and"),
        pytest.param(-(10**5000), "between 0 and", id="absurd"),
        (float("inf"), "between 0 and"),
        (Decimal("NaN"), "between 0 and"),
        (2500.001, "two decimal places"),
        ("2500", "as a number"),
        (True, "as a number"),
        (None, "as a number"),
    ],
)
def test_an_amount_that_is_no_money_is_refused(amount: object, advice: str) -> None:
    with pytest.raises(ValidationError, match=advice):
        dollars.validate_python(amount)


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("9306", "9306"),
        ("8528.72", "852872"),
        ("852872", "852872"),
        ("8528.72.0000", "8528720000"),
        ("8528.72.00.00", "8528720000"),
        ("8528720000", "8528720000"),
    ],
)
def test_schedule_b_numbers_are_read_with_and_without_dots(written: str, digits: str) -> None:
    assert schedule_b.validate_python(written) == digits


@pytest.mark.parametrize(
    "written", ["93", "85287", "8.5.2.8", "8528..72", "8528.", "7701", "9901", "0011", "\uff1828"]
)
def test_what_is_no_schedule_b_number_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="4, 6 or 10 digits"):
        schedule_b.validate_python(written)


def test_an_identifier_needs_something_to_identify_by() -> None:
    for blank in ("-", " . ", "\ufe70"):
        with pytest.raises(ValidationError, match="letter or digit"):
            identifier.validate_python(blank)


@given(st.text(max_size=500))
def test_text_is_kept_as_written_or_refused_for_its_control_characters(written: str) -> None:
    try:
        assert text.validate_python(written) == written
    except ValidationError:
        assert not written.isprintable()


@given(st.text(min_size=1, max_size=20), st.sampled_from("\0\n\r\x7f\x85\u2028\u202e\u2066"))
def test_control_characters_are_refused_wherever_they_stand(written: str, control: str) -> None:
    assume(all(ord(character) > 31 for character in written))
    for spoilt in (control + written, written + control):
        with pytest.raises(ValidationError, match="control characters"):
            identifier.validate_python(spoilt)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_share_lies_between_0_and_1(value: float) -> None:
    with pytest.raises(ValidationError):
        share.validate_python(value)


@pytest.mark.parametrize("code", ["0A501", "0A501.a", "0A505.c", "0A501.a.1", "EAR99", "5A992"])
def test_eccns_are_accepted_at_any_depth(code: str) -> None:
    assert eccn.validate_python(code) == code


@pytest.mark.parametrize("code", ["0a501", "0A501a", "0A50", "ear99", "0A501.A", ""])
def test_what_is_no_eccn_is_refused(code: str) -> None:
    with pytest.raises(ValidationError):
        eccn.validate_python(code)


@pytest.mark.parametrize("written", ["", " V1", "V1\n", "-V1", "V/1", "x" * 65])
def test_a_record_id_is_safe_in_addresses_and_file_names(written: str) -> None:
    with pytest.raises(ValidationError):
        record_id.validate_python(written)


@pytest.mark.parametrize(
    ("annotation", "code", "advice"),
    [
        (PortCode, "0000", "Schedule D"),
        (CountryCode, "ZZ", "ISO 3166-1"),
        (ExemptionCode, "30.37(e)", r"30\.37\(a\)"),
    ],
)
def test_an_unknown_code_is_refused_with_one_that_is_known(
    annotation: type[str], code: str, advice: str
) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(annotation)
    with pytest.raises(ValidationError, match=advice):
        adapter.validate_python(code)


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u180e", "\ue000", "\u0378", "\ufdd0", "\U000e0041"],
    ids=ascii,
)
def test_what_is_not_seen_or_has_no_agreed_meaning_is_refused(unseen: str) -> None:
    for adapter in (text, identifier, label):
        with pytest.raises(ValidationError, match="control characters"):
            adapter.validate_python(f"AB{unseen}C")


@pytest.mark.parametrize("written", ["caf\u00e9", "\u5317\u4eac", "a\u00a0b", "\u0928\u0940"])
def test_writing_of_any_language_is_kept(written: str) -> None:
    for adapter in (text, identifier, label):
        assert adapter.validate_python(written) == written


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3000 "])
def test_a_label_needs_a_visible_character(blank: str) -> None:
    with pytest.raises(ValidationError, match="visible"):
        label.validate_python(blank)
