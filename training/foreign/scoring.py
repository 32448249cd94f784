"""Scoring somebody else's table with a bundle that was fitted on one of its kind."""

from pathlib import Path

import polars as pl

from features.errors import InvalidTable
from models.bundle import load_bundle, verify_bundle
from models.signing import TrustedKeys
from training.foreign.bundling import read_encoder
from training.foreign.learning import table_of
from training.foreign.mapping import Mapping
from training.foreign.rows import read_rows


def score_table(table: Path, mapping: Mapping, bundle: Path, trusted: TrustedKeys) -> pl.DataFrame:
    """Score every row of a table.

    Parameters
    ----------
    table : Path
        CSV or parquet; it need not have the label.
    mapping : Mapping
        What its columns are; what is learned from must be as when the bundle was fitted.
    bundle : Path
        The bundle.
    trusted : TrustedKeys
        Whose bundles are believed.

    Returns
    -------
    polars.DataFrame
        `id, risk`, a row for each of the table's, in its order.

    Raises
    ------
    BundleRefused
        If the bundle does not verify or is not one of a table.
    InvalidTable
        If the table does not fit the mapping, or the mapping not the bundle.
    """
    verified = verify_bundle(bundle, trusted)
    encoder, vocabulary, fitted = read_encoder(verified)
    for column, kind in fitted.learned.items():
        if mapping.learned.get(column) != kind:
            raise InvalidTable(
                f"the bundle was fitted with column {column!r} as {kind}, and the mapping has it as"
                f" {mapping.learned.get(column, 'nothing to learn from')}; use the mapping that the"
                " bundle was fitted with",
                field=column,
            )
    rows = read_rows(table, mapping, labelled=False)
    model = load_bundle(verified)
    risk = model.risk(encoder.later(table_of(rows, encoder.plan, vocabulary)))
    return pl.DataFrame({"id": rows.ids, "risk": risk})
