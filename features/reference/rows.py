"""The rows of the reference tables: one frozen dataclass per table."""

from dataclasses import dataclass
from typing import Literal

HeadingKind = Literal["firearm", "ammunition", "parts", "other_arms", "optics", "vehicle", "goods"]
FilingScope = Literal["all", "only", "except", "short_barrel", "none"]


@dataclass(frozen=True, slots=True)
class Port:
    """One port of exit.

    Parameters
    ----------
    code : str
        Schedule D code, four digits; 7000 and 8000 are pseudo-ports.
    name, state : str
        Name, and the US state (`US` for a pseudo-port).
    time_zone : str
        IANA zone in which its days and shifts are counted.
    modes : tuple of str
        Modes that leave there. Empty where only pedestrians cross. Small boats count as ocean.
    latitude, longitude : float or None
        Degrees; known for the land border only.
    destinations : tuple of str
        ISO codes of the usual destinations (an assumption).
    pov_share, truck_share, bus_share : float or None
        Share of the port in all entries at the Mexican border in 2024, by mode.
    stream_share : float or None
        Rough share of the mode's Caribbean and Latin American stream (an assumption);
        the shares of one mode do not add up to 1.
    loaded_share : float or None
        Share of truck containers that were loaded, inbound.
    source : str
        Where the row is from.
    """

    code: str
    name: str
    state: str
    time_zone: str
    modes: tuple[str, ...]
    latitude: float | None
    longitude: float | None
    destinations: tuple[str, ...]
    pov_share: float | None
    truck_share: float | None
    bus_share: float | None
    stream_share: float | None
    loaded_share: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Country:
    """One country of ISO 3166-1.

    Parameters
    ----------
    code, name : str
        Alpha-2 code and common name.
    oas : bool
        Named in 15 CFR 748.12 as a member of the Organization of American States.
    group_e : bool
        In Country Group E:1 or E:2 (15 CFR part 740): everything that goes there is filed.
    """

    code: str
    name: str
    oas: bool
    group_e: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """One Schedule B heading that Weir knows something about.

    Parameters
    ----------
    number : str
        Four or six digits, without a dot.
    text : str
        What it covers.
    kind : str
        What sort of goods it holds.
    unit_value_usd, unit_kg : tuple of float or None
        Usual (low, high) of one unit, in US dollars and kilograms (assumptions).
    modes : tuple of str
        Modes by which the goods usually travel (an assumption).
    firearm : bool
        Firearms or ammunition, which by themselves call for a filing under 15 CFR
        758.1(b)(9) unless an ECCN says otherwise.
    cover : bool
        Named by a source, or typical, as the goods in which firearms were hidden.
    source : str
        Where the row is from.
    """

    number: str
    text: str
    kind: HeadingKind
    unit_value_usd: tuple[float, float] | None
    unit_kg: tuple[float, float] | None
    modes: tuple[str, ...]
    firearm: bool
    cover: bool
    source: str


@dataclass(frozen=True, slots=True)
class Eccn:
    """One Export Control Classification Number of the firearms series.

    Parameters
    ----------
    code, text : str
        The five characters and what they cover.
    filing : str
        Which of its paragraphs 15 CFR 758.1(b)(9) names: `all`, `only` the listed ones, all
        `except` the listed ones, `short_barrel` shotguns alone, or `none`.
    paragraphs : tuple of str
        The listed paragraphs, without the dot.
    parts : bool
        Parts and accessories of firearms rather than firearms, ammunition or sights.
    source : str
        Where the row is from.
    """

    code: str
    text: str
    filing: FilingScope
    paragraphs: tuple[str, ...]
    parts: bool
    source: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption from filing that a shipment may claim.

    Parameters
    ----------
    citation : str
        Section and paragraph of 15 CFR, such as `30.37(a)`.
    text : str
        What it covers, in a few words.
    source : str
        The law.
    """

    citation: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class ExamMethod:
    """One way of examining an item. All figures are assumptions with named anchors.

    Parameters
    ----------
    code, name : str
        The code that inspections carry, and words for it.
    modes : tuple of str
        Modes it is used for.
    first_for : tuple of str
        Modes for which a port would use it first.
    minutes : float
        Officer or system time for one item.
    detection : float
        Probability that it finds whole metal firearms in ordinary concealment.
    false_alarm : float
        Probability that it sends a clean item on to a search.
    source : str
        The assumptions that the figures come from.
    """

    code: str
    name: str
    modes: tuple[str, ...]
    first_for: tuple[str, ...]
    minutes: float
    detection: float
    false_alarm: float
    source: str
