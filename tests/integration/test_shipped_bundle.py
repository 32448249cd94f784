"""What a fresh checkout answers with."""

import numpy as np

from features.catalogue import catalogue_hash
from features.items import Shipment, Vehicle
from features.matrix import matrix_from_items
from models.bundle import load_bundle, verify_bundle
from models.registry import SHIPPED
from models.signing import trusted_keys
from tests.fakes import MemoryHistory, shipment, vehicle


def test_the_shipped_bundle_verifies_with_the_keys_that_come_with_weir() -> None:
    manifest = verify_bundle(SHIPPED, trusted_keys()).manifest
    assert manifest.catalogue_hash == catalogue_hash(), "fit it again: models/bundles/README.md"
    assert manifest.labels == "observed"


def test_it_tells_items_apart() -> None:
    model = load_bundle(verify_bundle(SHIPPED, trusted_keys()))
    items: list[Vehicle | Shipment] = [
        vehicle(),
        vehicle(occupants=1, plate_state="CA"),
        shipment(),
        shipment(content="gift"),
    ]
    matrix = matrix_from_items(items, [0] * len(items), MemoryHistory([], []))
    risk = model.risk(matrix.X)
    assert ((risk > 0) & (risk < 1)).all()
    assert len(np.unique(risk)) > 1
