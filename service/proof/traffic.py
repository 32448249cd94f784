"""Made-up traffic for measuring: vehicles and shipments whose entities come back."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson

N_PLATES = 4_000
N_SHIPPERS = 1_000
N_CONSIGNEES = 2_000
VEHICLE_SHARE = 0.6
GOODS = (
    ("8528721234", "used television", 480.0, 20.0),
    ("6109100012", "cotton shirts", 900.0, 60.0),
    ("8708295060", "parts of motor vehicles", 2_400.0, 45.0),
    ("8471300100", "portable computers", 2_300.0, 6.0),
    ("9503000090", "toys", 350.0, 12.0),
)


class Traffic:
    """Draws items; the same seed draws the same ones.

    Parameters
    ----------
    seed : int
        Decides every item.
    at : datetime.datetime
        When they are presented.
    """

    def __init__(self, seed: int, at: datetime) -> None:
        self._draws = random.Random(seed)  # noqa: S311 - no secret is drawn
        self._seed = seed
        self._at = at
        self._n = 0

    def item(self) -> dict[str, Any]:
        """Draw the next item.

        Returns
        -------
        dict
            As `POST /v1/score` takes it, with an `item_id` that no other item of this seed has.
        """
        self._n += 1
        draws = self._draws
        base = {
            "item_id": f"T{self._seed}-{self._n}",
            "presented_at": (self._at + timedelta(milliseconds=self._n)).isoformat(),
        }
        return base | (self._vehicle() if draws.random() < VEHICLE_SHARE else self._shipment())

    def _vehicle(self) -> dict[str, Any]:
        number = self._draws.randrange(N_PLATES)
        return {
            "kind": "vehicle",
            "mode": "pov",
            "port": "2304",
            "destination": "MX",
            "plate": f"TX{number:05d}",
            "plate_state": "TX",
            "body": ("car", "suv", "pickup")[number % 3],
            "model_year": 2000 + number % 25,
            "occupants": 1 + number % 4,
            "lane": str(1 + number % 8),
        }

    def _shipment(self) -> dict[str, Any]:
        draws = self._draws
        lines: list[dict[str, Any]] = [
            {
                "schedule_b": number,
                "description": text,
                "value_usd": round(value * draws.uniform(0.7, 1.04), 2),
                "quantity": draws.randint(1, 4),
                "weight_kg": round(weight * draws.uniform(0.8, 1.2), 1),
            }
            for number, text, value, weight in draws.sample(GOODS, draws.randint(1, 3))
        ]
        return {
            "kind": "shipment",
            "mode": draws.choice(("air", "ocean", "express")),
            "port": "5201",
            "departs_at": (self._at + timedelta(days=1)).isoformat(),
            "destination": draws.choice(("JM", "HT", "TT")),
            "shipper": f"shipper {draws.randrange(N_SHIPPERS)}",
            "consignee": f"consignee {draws.randrange(N_CONSIGNEES)}",
            "content": "merchandise",
            "packages": draws.randint(1, 5),
            "gross_weight_kg": round(sum(line["weight_kg"] for line in lines) * 1.1, 1),
            "filing": {"itn": None, "exemption": "30.37(a)"},
            "lines": lines,
        }

    def bodies(self, n_items: int, per_request: int = 1) -> Iterator[bytes]:
        """Draw the bodies of requests.

        Parameters
        ----------
        n_items : int
            Items in all.
        per_request : int
            Items in each; 1 gives bodies of `POST /v1/score`, more those of the batch route.

        Yields
        ------
        bytes
            JSON.
        """
        for _ in range(n_items // per_request):
            items = [self.item() for _ in range(per_request)]
            yield orjson.dumps(items[0] if per_request == 1 else {"items": items})
