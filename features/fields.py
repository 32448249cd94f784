"""Types of single fields: what is accepted, and the words a refusal uses."""

import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from features.reference.tables import countries, exemptions, ports

FIRST_YEAR, LAST_YEAR = 1990, 2199
MOST_DOLLARS = 10**9
SCHEDULE_B = r"[0-9]{4}(\.?[0-9]{2}(\.?[0-9]{4}|\.?[0-9]{2}\.[0-9]{2})?)?"
"""4, 6 or 10 digits, with the usual dots or without any."""

_CHAPTERS = frozenset(f"{n:02}" for n in range(1, 99)) - {"77"}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of what is not seen, reorders text, ends lines, or has no agreed meaning."""


def _refusal(kind: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(kind, "{message}", {"message": message})


def _plain(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        _refuse_unseen(text)
    return text


def _refuse_unseen(text: str) -> None:
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        raise _refusal("control_character", "remove line breaks and other control characters")


def _visible(text: str) -> str:
    if not text.strip():
        raise _refusal("blank", "give at least one visible character")
    return text


def _identifying(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).upper()
    if not any(character.isalnum() for character in folded):
        raise _refusal("identifier", "an identifier needs at least one letter or digit")
    return text


def _known_port(code: str) -> str:
    if code not in ports():
        raise _refusal(
            "unknown_port", f"{code!r} is not a known port; give a Schedule D code such as 2304"
        )
    return code


def _known_country(code: str) -> str:
    if code not in countries():
        raise _refusal(
            "unknown_country", f"{code!r} is not a country; give an ISO 3166-1 code such as MX"
        )
    return code


def _known_exemption(citation: str) -> str:
    if citation not in exemptions():
        known = ", ".join(exemptions())
        raise _refusal(
            "unknown_exemption", f"{citation!r} is not an exemption; give one of {known}"
        )
    return citation


_RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)


def _moment(value: object) -> datetime:
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        try:
            value = datetime.fromisoformat(value.upper())
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        raise _refusal("time_text", "give a time as text such as 2026-11-24T10:00:00Z")
    if value.tzinfo is None:
        raise _refusal("naive_time", "the time has no zone; end it in Z or an offset like -06:00")
    if not FIRST_YEAR < value.year < LAST_YEAR:
        raise _refusal("time_range", f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return value.astimezone(UTC)


def _schedule_b(number: str) -> str:
    digits = number.replace(".", "")
    if not re.fullmatch(SCHEDULE_B, number) or digits[:2] not in _CHAPTERS:
        raise _refusal(
            "schedule_b", "a Schedule B number has 4, 6 or 10 digits, such as 8528 or 8528.72"
        )
    return digits


def _dollars(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _refusal("dollars", "give US dollars as a number such as 480.00")
    not_a_number = isinstance(value, Decimal) and value.is_nan()
    if not_a_number or not 0 <= value <= MOST_DOLLARS:
        raise _refusal("dollars_range", f"US dollars must lie between 0 and {MOST_DOLLARS}")
    amount = Decimal(str(value))
    cents = amount.quantize(Decimal("0.01"))
    if cents != amount:
        raise _refusal("dollars_cents", "US dollars have at most two decimal places")
    return cents


Time = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339 with a zone; stored as UTC.",
        }
    ),
]
Dollars = Annotated[
    Decimal,
    BeforeValidator(_dollars),
    WithJsonSchema(
        {
            "type": "number",
            "minimum": 0,
            "maximum": MOST_DOLLARS,
            "multipleOf": 0.01,
            "description": "US dollars, at most two decimal places.",
        }
    ),
]
Kilograms = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**9)]
RecordId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Identifier = Annotated[
    str, Field(min_length=1, max_length=120), AfterValidator(_plain), AfterValidator(_identifying)
]
Text = Annotated[str, Field(max_length=500), AfterValidator(_plain)]
Label = Annotated[
    str, Field(min_length=1, max_length=40), AfterValidator(_plain), AfterValidator(_visible)
]
PortCode = Annotated[str, Field(pattern=r"^[0-9]{4}$"), AfterValidator(_known_port)]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), AfterValidator(_known_country)]
ExemptionCode = Annotated[str, Field(max_length=20), AfterValidator(_known_exemption)]
ItnNumber = Annotated[str, Field(pattern=r"^X[0-9]{14}$")]
ScheduleB = Annotated[
    str,
    AfterValidator(_schedule_b),
    WithJsonSchema({"type": "string", "pattern": f"^{SCHEDULE_B}$"}),
]
EccnCode = Annotated[str, Field(pattern=r"^([0-9][A-E][0-9]{3}(\.[a-z](\.[0-9]{1,2})?)?|EAR99)$")]
"""Times, money and codes as the records of `features.records` use them."""
