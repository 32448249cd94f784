"""The bodies that OpenAPI shows."""

from typing import Any

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
    "lines": [
        {
            "schedule_b": "8528.72",
            "description": "used television",
            "value_usd": 480.0,
            "quantity": 2,
            "weight_kg": 40.0,
        }
    ],
}

FINDING: dict[str, Any] = {
    "item_id": "V1",
    "method": "full_search",
    "minutes": 70.0,
    "outcome": "find",
    "n_firearms": 2,
    "n_rounds": 400,
    "reason": "behaviour",
    "note": "under the rear seat",
}

SIGNAL: dict[str, Any] = {
    "signal_id": "atf-2026-0001",
    "kind": "lookout",
    "entity_kind": "plate",
    "entity": "TX:ABC1234",
    "strength": 0.8,
    "expires_at": "2027-11-24T00:00:00Z",
}

OUTCOME: dict[str, Any] = {
    "outcome_id": "mx-2026-0001",
    "kind": "seizure_abroad",
    "entity_kind": "plate",
    "entity": "TX:ABC1234",
    "happened_at": "2026-11-24T08:00:00Z",
}

RULE: dict[str, Any] = {
    "rule_id": "night-solo-suv",
    "text": "a lone driver in a large vehicle at night, seen often",
    "action": "raise",
    "predicate": "body IN ('suv', 'pickup') AND occupants = 1 AND local_hour < 5",
    "ports": ["2304"],
    "expires_at": "2030-01-01T00:00:00Z",
}

LOOKOUT: dict[str, Any] = {
    "entity_kind": "plate",
    "entity": "TX:ABC1234",
    "text": "seen at two multiple sales",
    "action": "must_inspect",
    "expires_at": "2026-12-24T00:00:00Z",
}

SUPPRESSION: dict[str, Any] = {
    "entity_kind": "shipper",
    "entity": "s1",
    "reason": "licensed exporter, examined four times this month without a find",
    "expires_at": "2026-12-24T00:00:00Z",
}

SHIFT: dict[str, Any] = {
    "shift_id": "miami-2026-11-24-day",
    "port": "5201",
    "modes": ["ocean"],
    "starts_at": "2026-11-24T09:00:00-05:00",
    "ends_at": "2026-11-24T17:00:00-05:00",
    "minutes": {"nii_container": 60.0},
    "exploration_share": 0.2,
}
