"""Items: the vehicles and shipments that leave, defined once for the API and for tables."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, FailFast, Field, TypeAdapter, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from features.fields import (
    Count,
    CountryCode,
    Dollars,
    EccnCode,
    ExemptionCode,
    Identifier,
    ItnNumber,
    Kilograms,
    Label,
    PortCode,
    RecordId,
    ScheduleB,
    Text,
    Time,
)

PROTECTED_ATTRIBUTES = frozenset(
    {
        "age",
        "birth_date",
        "birth_year",
        "birthdate",
        "birthplace",
        "citizen",
        "citizenship",
        "color",
        "colour",
        "consignee_name",
        "country_of_birth",
        "date_of_birth",
        "disability",
        "dob",
        "driver_name",
        "ethnicity",
        "family_name",
        "first_name",
        "full_name",
        "gender",
        "given_name",
        "immigration_status",
        "language",
        "last_name",
        "maiden_name",
        "marital_status",
        "mother_tongue",
        "name",
        "national_origin",
        "nationality",
        "native_language",
        "origin_country_of_person",
        "owner_name",
        "passport",
        "passport_country",
        "place_of_birth",
        "political_opinion",
        "pregnancy",
        "race",
        "religion",
        "sex",
        "sexual_orientation",
        "shipper_name",
        "skin_color",
        "skin_colour",
        "surname",
        "visa",
        "visa_status",
    }
)
"""Attributes of persons, and proxies for them, that no record may carry."""

_PROTECTED_LETTERS = frozenset(name.replace("_", "") for name in PROTECTED_ATTRIBUTES)
_PROTECTED_STEMS = ("nationalit", "ethnic", "religio", "gender", "citizen", "birth")
_PROTECTED_WORD = re.compile(
    "ages?|races?|racial|sex|sexes|sexual|dob|surnames?|passports?|disabilit(y|ies)|pregnan(t|cy)"
    "|immigrants?|immigration|tribe|caste"
)
_PERSON = re.compile(
    "persons?|people|passengers?|occupants?|drivers?|owner|shipper|consignee|travell?er"
    "|first|last|given|family|full|maiden|middle"
)
_WORD_STARTS = re.compile(
    "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[a-z])"
)
MOST_FIELDS = 100
"""Fields in one object; more are refused before any of them is looked at."""
_LONGEST_NAME = 200


def _is_protected(field: object) -> bool:
    if not isinstance(field, str):
        return False
    folded = unicodedata.normalize("NFKC", field[:_LONGEST_NAME])
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    words = set(re.split(r"[\W_]+", _WORD_STARTS.sub(" ", visible).lower()))
    letters = "".join(filter(str.isalnum, visible)).lower()
    return bool(
        letters in _PROTECTED_LETTERS
        or any(map(_PROTECTED_WORD.fullmatch, words))
        or ({"name", "names"} & words and any(map(_PERSON.fullmatch, words)))
        or any(stem in letters for stem in _PROTECTED_STEMS)
    )


VehicleMode = Literal["pov", "bus", "truck"]
ShipmentMode = Literal["truck", "air", "ocean", "express", "mail"]
Body = Literal[
    "car", "suv", "pickup", "van", "motorcycle", "bus", "tractor", "straight_truck", "other"
]
Content = Literal[
    "merchandise", "gift", "household_goods", "personal_effects", "documents", "sample", "returned"
]


class Record(BaseModel):
    """A record that refuses what it does not know, protected attributes above all."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_protected_attributes(cls, data: Any) -> Any:  # noqa: ANN401 - not yet validated
        if isinstance(data, Mapping):
            if len(data) > MOST_FIELDS:
                raise PydanticCustomError(
                    "too_many_fields",
                    "give at most {most} fields in one object",
                    {"most": MOST_FIELDS},
                )
            known = cls.model_fields  # each look-up goes through a descriptor
            errors: list[InitErrorDetails] = [
                {
                    "type": PydanticCustomError(
                        "protected_attribute",
                        "protected attributes of persons are never accepted; remove this field",
                    ),
                    "loc": (field,),
                    "input": "...",
                }
                for field in data
                if field not in known and _is_protected(field)
            ]
            if errors:
                raise ValidationError.from_exception_data(cls.__name__, errors)
        return data


class Filing(Record):
    """The Electronic Export Information filing, or the exemption claimed instead.

    References
    ----------
    .. [1] 15 CFR 30.4 (filing options), 30.7 (exemption legends and the ITN).
    """

    itn: ItnNumber | None = Field(None, description="Internal Transaction Number of the filing.")
    exemption: ExemptionCode | None = Field(None, description="Exemption claimed, as 15 CFR part.")
    option: Literal["predeparture", "postdeparture"] | None = None


class Line(Record):
    """One Schedule B line of a shipment."""

    schedule_b: ScheduleB = Field(description="Schedule B number at 4, 6 or 10 digits.")
    description: Text
    value_usd: Dollars
    quantity: Count
    weight_kg: Kilograms
    eccn: EccnCode | None = None
    license: Label | None = Field(
        None, description="Licence number, or the licence exception by its symbol (BAG, GFT, LVS)."
    )


class _Leaving(Record):
    item_id: RecordId
    port: PortCode = Field(description="Schedule D code of the port of exit.")
    presented_at: Time
    departs_at: Time | None = None
    destination: CountryCode = Field(description="ISO 3166-1 alpha-2 country of destination.")

    @model_validator(mode="after")
    def _departs_after_it_is_presented(self) -> Self:
        if self.departs_at is not None and self.departs_at < self.presented_at:
            raise ValidationError.from_exception_data(
                type(self).__name__,
                [
                    {
                        "type": PydanticCustomError(
                            "departure", "departs_at must not lie before presented_at"
                        ),
                        "loc": ("departs_at",),
                        "input": "...",
                    }
                ],
            )
        return self


class Vehicle(_Leaving):
    """One vehicle at an outbound lane: a private vehicle, a bus, or a truck without cargo data."""

    kind: Literal["vehicle"]
    mode: VehicleMode
    plate: Identifier
    plate_state: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")] | None = None
    body: Body | None = None
    model_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    occupants: Annotated[int, Field(ge=0, le=120)] | None = None
    lane: Label | None = None
    trailer: Identifier | None = None
    driver: Identifier | None = None
    form_4457: bool | None = Field(
        None, description="A CBP Form 4457 registers a firearm taken out under exception BAG."
    )


class Shipment(_Leaving):
    """One consignment with its declared lines."""

    kind: Literal["shipment"]
    mode: ShipmentMode
    departs_at: Time
    shipper: Identifier
    consignee: Identifier
    forwarder: Identifier | None = None
    consignee_address: Identifier | None = None
    phone: Identifier | None = None
    filing: Filing
    routed: bool | None = Field(None, description="Routed export transaction, 15 CFR 30.3(e).")
    content: Content
    packages: Count
    gross_weight_kg: Kilograms
    container: Identifier | None = None
    lines: Annotated[list[Line], Field(min_length=1, max_length=999), FailFast()]
    """After the first line that is refused, further lines are not looked at."""


Item = Annotated[Vehicle | Shipment, Field(discriminator="kind")]
ITEM: TypeAdapter[Vehicle | Shipment] = TypeAdapter(Item)
"""Validates one item from JSON or from Python values."""
