"""The catalogue: every column of the matrix X, in order."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from features.definition import Feature
from features.filing_features import FILING_FEATURES
from features.history import LATEST, LATEST_OF_LINKED, MOST_FILING_KEYS, MOST_LINKED
from features.history_features import HISTORY_FEATURES
from features.item_features import ITEM_FEATURES
from features.link_features import CLUSTER_HUBS, LEAST_LINKED, LINK_FEATURES
from features.signal_features import SIGNAL_FEATURES

FEATURES: tuple[Feature, ...] = (
    *(computed.feature for computed in (*ITEM_FEATURES, *FILING_FEATURES)),
    *HISTORY_FEATURES,
    *LINK_FEATURES,
    *SIGNAL_FEATURES,
)
"""Every feature, in the order of the columns of X."""

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)

REASON_CODES: Mapping[str, str] = {feature.name: feature.reason for feature in FEATURES}
"""Feature name to reason code."""


def catalogue_hash() -> str:
    """Give the digest that a bundle carries, so that a model never meets another matrix.

    Returns
    -------
    str
        SHA-256, in hexadecimal, over every field of every feature and the bounds of history.
    """
    bounds = (LATEST, LATEST_OF_LINKED, MOST_FILING_KEYS, MOST_LINKED, LEAST_LINKED, CLUSTER_HUBS)
    content = {"features": [asdict(feature) for feature in FEATURES], "bounds": bounds}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
