"""From a table and its mapping to the parts of a bundle, and back from a bundle to its encoder."""

import hashlib
from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pydantic import JsonValue, ValidationError

from models.bundle import BundleParts, VerifiedBundle
from models.documents import write_json
from models.errors import BundleRefused
from models.golden import choose_golden
from models.manifest import TABLE_CONTENT, Bands, Statement, Window
from models.risk import load_booster
from training.bundling import BAND_SHARES, GOLDEN_POOL, weighted_quantile
from training.foreign.card import table_card
from training.foreign.encoder import Encoder
from training.foreign.judging import Repeats, judge, repeated_rows
from training.foreign.learning import Learned, Progress, learn, table_of
from training.foreign.mapping import Mapping
from training.foreign.moments import Moments
from training.foreign.plan import Known, Plan, Table
from training.foreign.rows import Rows
from training.foreign.views import Vocabulary
from training.foreign.windows import Windows, read_windows

_LIBRARIES = ("lightgbm", "numpy", "polars", "scikit-learn")
_KNOWN, _VOCABULARY = TABLE_CONTENT
_EARLIEST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
"""Manifests hold no earlier time."""


@dataclass(frozen=True)
class FittedTable:
    """A model of a table, ready to be written, and how it did.

    Parameters
    ----------
    parts : BundleParts
        What a bundle is written from.
    test : dict of str to dict of str to float
        Figures on the test window.
    repeats : Repeats
        Test rows seen before.
    """

    parts: BundleParts
    test: dict[str, dict[str, float]]
    repeats: Repeats


def fit_table(  # noqa: PLR0913 - a fit has many knobs, all named
    table: Path,
    mapping: Mapping,
    mapping_path: Path,
    *,
    created_at: datetime,
    seed: int,
    n_jobs: int,
    progress: Progress,
    n_trials: int = 1,
) -> FittedTable:
    """Fit a model to a table; nothing is written.

    Parameters
    ----------
    table : Path
        CSV or parquet.
    mapping : Mapping
        What its columns are.
    mapping_path : Path
        Where the mapping is.
    created_at : datetime
        The time to write into the manifest, UTC.
    seed : int
        Seed of the fit.
    n_jobs : int
        Fits at once.
    progress : callable
        Told of every step.
    n_trials : int
        Settings tried for LightGBM on integer codes, which stands beside the model.

    Returns
    -------
    FittedTable
        Parts and figures.

    Raises
    ------
    InvalidTable
        If the table does not fit the mapping or holds too little to learn from.
    """
    windows = read_windows(table, mapping, mapping_path)
    salt = hashlib.sha256(f"{created_at.isoformat()} {seed}".encode()).digest()[:16]
    learned = learn(windows, salt=salt, seed=seed, n_jobs=n_jobs, progress=progress)
    progress("Judging", 0, 1)
    test = judge(windows, learned, seed, n_trials)
    repeats = repeated_rows(windows, learned.encoder.plan.views)
    progress("Judging", 1, 1)
    evaluation: dict[str, JsonValue] = {
        "windows": {
            name: {"n_rows": len(rows), "n_finds": int(rows.y.sum())}
            for name, rows in vars(windows).items()
        },
        "test": {name: dict(figures) for name, figures in test.items()},
        "repeated_share": repeats.share,
        "seen_share": float(repeats.seen.mean()),
    }
    statement = _statement(windows, learned, mapping, created_at, seed, test["model"])
    X = learned.encoder.later(_tail(windows.test, learned))
    parts = BundleParts(
        statement=statement,
        model_text=learned.model_text,
        calibration=learned.calibration,
        card=table_card(statement, evaluation, learned.chosen),
        evaluation=evaluation,
        golden=choose_golden(load_booster(learned.model_text.encode()), X),
        encoding={_KNOWN: _write_known(learned), _VOCABULARY: _write_vocabulary(learned)},
    )
    return FittedTable(parts, test, repeats)


def _tail(rows: Rows, learned: Learned) -> Table:
    last = rows.take(np.arange(max(len(rows) - GOLDEN_POOL, 0), len(rows)))
    return table_of(last, learned.encoder.plan, learned.vocabulary)


def _statement(  # noqa: PLR0913, PLR0917 - a manifest says much
    windows: Windows,
    learned: Learned,
    mapping: Mapping,
    created_at: datetime,
    seed: int,
    metrics: dict[str, float],
) -> Statement:
    plan = learned.encoder.plan
    encodings: dict[str, JsonValue] = {
        "mapping": mapping.model_dump(mode="json"),
        "plan": plan.model_dump(mode="json"),
        "salt": learned.vocabulary.salt.hex(),
    }
    later = learned.calibrate_risk
    ones = np.ones(len(later))
    bands = {name: weighted_quantile(later, ones, share) for name, share in BAND_SHARES.items()}
    at = np.concatenate([windows.fit.at, windows.calibrate.at])
    window = _window(at, created_at, timed=mapping.table.time is not None)
    return Statement(
        created_at=created_at,
        feature_names=learned.encoder.names(),
        catalogue_hash=hashlib.sha256(write_json(encodings["plan"])).hexdigest(),
        data_hash=_data_hash(windows),
        code_version=version("weir"),
        libraries={name: version(name) for name in _LIBRARIES},
        fit_window=window,
        label_window=window,
        labels="observed",
        seed=seed,
        metrics=metrics,
        bands=Bands.model_validate(bands),
        severity_by_mode={},
        encodings=encodings,
        subject="table",
    )


def _window(at: Moments, created_at: datetime, *, timed: bool) -> Window:
    """Give the time that rows span: the moment before the fit, where they have none."""
    if not timed:
        return Window(from_at=created_at - timedelta(seconds=1), until_at=created_at)
    first, last = (max(int(end), _EARLIEST) for end in (at.min(), at.max()))
    return Window(
        from_at=datetime.fromtimestamp(first, UTC), until_at=datetime.fromtimestamp(last + 1, UTC)
    )


def _data_hash(windows: Windows) -> str:
    digest = hashlib.sha256()
    for rows in vars(windows).values():
        digest.update("\x00".join(rows.ids).encode())
        digest.update(rows.y.tobytes())
        for text in rows.text.values():
            digest.update("\x00".join(text).encode())
        for numbers in rows.numbers.values():
            digest.update(np.ascontiguousarray(numbers).tobytes())
    return digest.hexdigest()


def _write_known(learned: Learned) -> bytes:
    known = learned.encoder.known
    columns: dict[str, Any] = {f"c{n}": code for n, code in enumerate(known.table.codes)}
    columns |= {f"n{n}": value for n, value in enumerate(known.table.numbers)}
    columns |= {"y": known.y.astype(np.uint8), "block": known.block.astype(np.uint8)}
    return _parquet(pl.DataFrame(columns))


def _write_vocabulary(learned: Learned) -> bytes:
    digests = learned.vocabulary.digests
    view = np.concatenate([np.full(len(one), n, np.int16) for n, one in digests.items()])
    return _parquet(pl.DataFrame({"view": view, "digest": np.concatenate(list(digests.values()))}))


def _parquet(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file, compression="zstd", statistics=False)
    return file.getvalue()


def read_encoder(verified: VerifiedBundle) -> tuple[Encoder, Vocabulary, Mapping]:
    """Rebuild what turns rows into features, from the bytes that were verified.

    Parameters
    ----------
    verified : VerifiedBundle
        A bundle of a table.

    Returns
    -------
    encoder : Encoder
        From codes and numbers to X.
    vocabulary : Vocabulary
        Values as codes.
    mapping : Mapping
        What the columns were when it was fitted.

    Raises
    ------
    BundleRefused
        If it is a bundle of Weir's own items, or its parts do not fit together.
    """
    manifest = verified.manifest
    if manifest.subject != "table":
        raise BundleRefused(
            "manifest.json", "it scores items of Weir; use `weir-train score --data`"
        )
    encodings: Map[str, Any] = manifest.encodings
    try:
        plan = Plan.model_validate(encodings["plan"])
        mapping = Mapping.model_validate(encodings["mapping"])
        salt = bytes.fromhex(encodings["salt"])
        frame = pl.read_parquet(BytesIO(verified.contents[_KNOWN]))
        vocabulary = _read_vocabulary(verified.contents[_VOCABULARY], len(plan.views), salt)
        encoder = Encoder(plan, _known(frame, plan))
    except (KeyError, ValueError, TypeError, ValidationError, pl.exceptions.PolarsError) as error:
        raise BundleRefused(_KNOWN, f"it cannot be read as an encoding: {error!r}"[:500]) from error
    if encoder.names() != manifest.feature_names:
        raise BundleRefused(_KNOWN, "its features are not those of the manifest; fit again")
    return encoder, vocabulary, mapping


def _known(frame: pl.DataFrame, plan: Plan) -> Known:
    codes = np.stack([frame[f"c{n}"].to_numpy() for n in range(len(plan.views))])
    numbers = [frame[f"n{n}"].to_numpy() for n in range(len(plan.columns))]
    stacked = np.stack(numbers) if numbers else np.empty((0, frame.height))
    y, block = frame["y"].to_numpy(), frame["block"].to_numpy()
    return Known(Table(codes, stacked), y.astype(np.float64), block.astype(np.int64))


def _read_vocabulary(data: bytes, n_views: int, salt: bytes) -> Vocabulary:
    frame = pl.read_parquet(BytesIO(data))
    digests = {
        view: frame.filter(pl.col("view") == view)["digest"].to_numpy() for view in range(n_views)
    }
    return Vocabulary(salt, digests)
