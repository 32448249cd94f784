"""Small foreign tables for tests: a customs table, its mapping, and the mapping as TOML."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from tests.customs import customs_table
from training.foreign.mapping import Kind, Mapping

KOREAN = {
    "Declaration ID": "신고번호",
    "Date": "신고일자",
    "Importer": "수입자 부호",
    "HS10": "품목번호(HS)",
    "Item Price": "과세가격, 원",
    "Fraud": "우범 여부",
}
SPANISH = {"Date": "Fecha de declaración", "Seller": "Dueño «ñ»", "Fraud": "¿Fraude?"}


def small_customs(n: int = 2_000, seed: int = 3) -> pl.DataFrame:
    """Make a customs table that fits in seconds."""
    return customs_table(n, seed).frame


def document(frame: pl.DataFrame, names: dict[str, str] | None = None) -> dict[str, Any]:
    """Give the mapping of a customs table, its headers renamed."""
    names = names or {}
    kinds: dict[str, Kind] = {
        names.get(column, column): "number" if kind.is_numeric() else "code"
        for column, kind in list(frame.schema.items())[2:-1]
    }
    table = {key: names.get(name, name) for key, name in _PARTS.items()}
    split = {"fit_until": "2021-01-01", "test_from": "2021-04-01"}
    return {"table": table | {"positive": ["1"]}, "columns": kinds, "split": split}


_PARTS = {"id": "Declaration ID", "time": "Date", "label": "Fraud", "value": "Item Price"}


def mapping(frame: pl.DataFrame) -> Mapping:
    """Give the mapping of a customs table."""
    return Mapping.model_validate(document(frame))


def write_toml(path: Path, content: dict[str, Any]) -> Path:
    """Write a mapping as a file."""
    lines: list[str] = []
    for section, entries in content.items():
        lines.append(f"[{section}]")
        lines += [
            f"{json.dumps(key, ensure_ascii=False)} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in entries.items()
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
