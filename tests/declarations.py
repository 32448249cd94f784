"""The two items that every check posts, as fields and as records, with changes asked for."""

from typing import Any

from pydantic import ValidationError

from features.items import ITEM, Line, Shipment, Vehicle
from features.refusals import Refusal, refusals

VEHICLE: dict[str, Any] = {
    "kind": "vehicle",
    "item_id": "V1",
    "mode": "pov",
    "port": "2304",
    "presented_at": "2026-11-24T10:00:00Z",
    "destination": "MX",
    "plate": "ABC1234",
    "plate_state": "TX",
    "body": "suv",
    "model_year": 2014,
    "occupants": 1,
    "lane": "3",
}
LINE: dict[str, Any] = {
    "schedule_b": "8528.72",
    "description": "used television",
    "value_usd": 480.0,
    "quantity": 2,
    "weight_kg": 40.0,
}
SHIPMENT: dict[str, Any] = {
    "kind": "shipment",
    "item_id": "S1",
    "mode": "ocean",
    "port": "5201",
    "presented_at": "2026-11-24T10:00:00Z",
    "departs_at": "2026-11-25T18:00:00Z",
    "destination": "JM",
    "shipper": "s1",
    "consignee": "c1",
    "content": "household_goods",
    "packages": 3,
    "gross_weight_kg": 212.0,
    "filing": {"itn": None, "exemption": "30.37(a)"},
    "lines": [LINE],
}
ITN = "X20261124123456"


def vehicle_of(**changes: object) -> Vehicle:
    """Give the vehicle, changed."""
    item = ITEM.validate_python(VEHICLE | changes)
    assert isinstance(item, Vehicle)
    return item


def line_of(**changes: object) -> Line:
    """Give a line of new televisions for $480, changed."""
    return Line.model_validate(LINE | {"description": "television"} | changes)


def shipment_of(*lines: Line, **changes: object) -> Shipment:
    """Give the shipment as merchandise with these lines, without filing or exemption, changed."""
    declared = [line.model_dump() for line in lines or (line_of(),)]
    fields = {"content": "merchandise", "filing": {}, "lines": declared}
    item = ITEM.validate_python(SHIPMENT | fields | changes)
    assert isinstance(item, Shipment)
    return item


def refused(fields: object) -> list[Refusal]:
    """List why an item is refused; fails if it is accepted."""
    try:
        ITEM.validate_python(fields)
    except ValidationError as error:
        return list(refusals(error))
    raise AssertionError(f"accepted: {fields}")
