"""Worlds: every parameter of the simulated border, each with the fact it comes from."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.errors import WeirError

Mode = Literal["pov", "bus", "truck", "air", "ocean", "express", "mail"]
Stream = Literal["mexico", "caribbean", "latin_america"]
Share = float
MODES: tuple[Mode, ...] = ("pov", "bus", "truck", "air", "ocean", "express", "mail")
STREAMS: tuple[Stream, ...] = ("mexico", "caribbean", "latin_america")


class UnknownWorld(WeirError):  # noqa: N818 - named after the user's mistake
    """A world, or a parameter of one, that does not exist or has an impossible value."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Volume(_Section):
    """How much leaves: national figures, and the fraction of them that this world has."""

    fraction: float = Field(gt=0, le=1)
    outbound_ratio: float = Field(gt=0)
    air_per_day: float = Field(gt=0)
    ocean_per_day: float = Field(gt=0)
    parcels_per_day: float = Field(gt=0)
    express_share: Share = Field(ge=0, le=1)
    truck_filed_share: Share = Field(ge=0, le=1)


class Lawful(_Section):
    """How honest traffic behaves, sloppiness and lawful firearms included."""

    vague_share: Share = Field(ge=0, le=1)
    undervalued_share: Share = Field(ge=0, le=1)
    wrong_heading_share: Share = Field(ge=0, le=1)
    just_under_share: Share = Field(ge=0, le=1)
    unfiled_share: Share = Field(ge=0, le=1)
    gift_share: Share = Field(ge=0, le=1)
    legal_guns: Mapping[str, Share]


class Trafficking(_Section):
    """What traffickers send, how often, by which way. Rates are per year and national."""

    oversample: float = Field(ge=0, le=50)
    events_per_year: Mapping[Stream, float]
    split: Mapping[Stream, Mapping[str, Share]]
    state_share: Mapping[str, Share]
    south_florida_share: Share = Field(ge=0, le=1)
    networks: int = Field(ge=1)
    trips_mean: float = Field(gt=1)
    gap_days_median: float = Field(gt=0)
    gap_sigma: float = Field(ge=0)
    clean_trip_share: Share = Field(ge=0, lt=1)
    busy_share: Share = Field(ge=0, le=1)
    busy_factor: float = Field(ge=1)
    pace_sigma: float = Field(ge=0)
    borrow_share: Share = Field(ge=0, le=1)
    split_share: Share = Field(ge=0, le=1)
    guns_median: float = Field(gt=0)
    guns_sigma: float = Field(ge=0)
    guns_max: int = Field(ge=1)
    rounds_median: float = Field(gt=0)
    rounds_sigma: float = Field(ge=0)
    rounds_max: int = Field(ge=1)
    parts_median: float = Field(gt=0)
    parts_sigma: float = Field(ge=0)
    event_type: Mapping[str, Share]
    caribbean_parts_factor: float = Field(gt=0)
    rifle_share: Mapping[Stream, Share]
    pmf_share: Share = Field(ge=0, le=1)
    pmf_growth_per_year: float = Field(ge=0)
    polymer_share: Share = Field(ge=0, le=1)
    just_under_share: Share = Field(ge=0, le=1)
    gift_share: Share = Field(ge=0, le=1)
    vague_share: Share = Field(ge=0, le=1)
    undervalued_share: Share = Field(ge=0, le=1)


class Agencies(_Section):
    """What agencies learn, how late, and how much of it is wrong."""

    tip_share: Mapping[Mode, Share]
    trace_share: Share = Field(ge=0, le=1)
    trace_days_median: float = Field(gt=0)
    trace_sigma: float = Field(ge=0)
    multiple_sale_share: Share = Field(ge=0, le=1)
    stolen_gun_share: Share = Field(ge=0, le=1)
    plate_hit_share: Share = Field(ge=0, le=1)
    wrong_ratio: float = Field(ge=0)
    wrong_plate_hit_ratio: float = Field(ge=0)


class Past(_Section):
    """How items were chosen, examined and recorded before Weir."""

    coverage: Mapping[Mode, Share]
    random_share: Share = Field(gt=0, le=1)
    officer_share: Share = Field(ge=0, le=1)
    skip_share: Share = Field(ge=0, lt=1)
    hours_on_per_day: float = Field(gt=0, le=24)
    days_on_per_week: float = Field(gt=0, le=7)
    officers: Mapping[str, int]
    false_find_share: Share = Field(ge=0, le=1)
    late_share: Share = Field(ge=0, le=1)
    late_days_mean: float = Field(gt=0)
    not_completed_share: Share = Field(ge=0, le=1)
    insider_share: Share = Field(ge=0, le=1)
    override_share: Share = Field(ge=0, le=1)


class Adaptation(_Section):
    """How traffickers answer to seizures and to staffed lanes."""

    strength: float = Field(ge=0, le=2)
    shift_share: Share = Field(ge=0, le=1)
    lag_weeks: int = Field(ge=0)
    scout_share: Share = Field(ge=0, le=1)
    shift_mode_share: Share = Field(ge=0, le=1)
    shift_week: int


class World(_Section):
    """One simulated border.

    Parameters are grouped as in the files of `worlds/`; `origins` says for each of them which
    fact or assumption it comes from.
    """

    name: str
    title: str
    volume: Volume
    lawful: Lawful
    trafficking: Trafficking
    agencies: Agencies
    past: Past
    adaptation: Adaptation
    origins: Mapping[str, str]


def load_world(name: str | Path, overrides: Mapping[str, str | float] | None = None) -> World:
    """Read a world.

    Parameters
    ----------
    name : str or Path
        A shipped world (`demo`, `small`, `full`, `shifted`, `lawful`, `leaky`) or a TOML file.
    overrides : mapping of str to number or text, optional
        Parameter to value, such as `{"trafficking.oversample": 10}`.

    Returns
    -------
    World
        The checked parameters.

    Raises
    ------
    UnknownWorld
        If the world or a parameter does not exist, or a value is impossible.
    """
    parameters = _read(name)
    title = parameters.pop("title")
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for path, entry in _entries(parameters):
        _place(values, path, entry["value"])
        origins[path] = entry["from"]
    for path, value in (overrides or {}).items():
        if path not in origins:
            raise UnknownWorld(
                f"{path!r} is not a parameter; give one such as volume.fraction", field=path
            )
        _place(values, path, value)
        origins[path] = "override: given by the caller"
    try:
        return World(name=Path(name).stem, title=title, origins=origins, **values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnknownWorld(f"{where}: {first['msg']}", field=where) from error


def shipped_worlds() -> tuple[str, ...]:
    """List the worlds that come with the project.

    Returns
    -------
    tuple of str
        Names that `load_world` knows, in alphabetical order.
    """
    folder = files("training.simulation").joinpath("worlds")
    names = {entry.name.removesuffix(".toml") for entry in folder.iterdir()}
    return tuple(sorted(names - {"base"}))


def _read(name: str | Path) -> dict[str, Any]:
    shipped = files("training.simulation").joinpath("worlds", f"{name}.toml")
    path = Path(name)
    if shipped.is_file():
        text = shipped.read_text(encoding="utf-8")
    elif path.suffix == ".toml" and path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        known = ", ".join(shipped_worlds())
        raise UnknownWorld(f"no world {str(name)!r}; give a TOML file or one of {known}")
    try:
        parameters = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnknownWorld(f"{name}: not a TOML file: {error}", field=str(name)) from error
    base = parameters.pop("extends", None)
    return _merge(_read(base), parameters) if base else parameters


def _is_entry(value: object) -> bool:
    return isinstance(value, dict) and "value" in value and "from" in value


def _merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        below = base.get(key)
        nested = isinstance(value, dict) and isinstance(below, dict) and not _is_entry(value)
        merged[key] = _merge(below, value) if nested and below is not None else value
    return merged


def _entries(parameters: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in parameters.items():
        if _is_entry(value):
            yield prefix + key, value
        elif isinstance(value, dict):
            yield from _entries(value, f"{prefix}{key}.")
        else:
            raise UnknownWorld(
                f"{prefix}{key}: write {{ value = ..., from = ... }}", field=prefix + key
            )


def _place(values: dict[str, Any], path: str, value: object) -> None:
    *folders, leaf = path.split(".")
    for folder in folders:
        values = values.setdefault(folder, {})
    values[leaf] = value
