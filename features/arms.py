"""What a declared line is under the firearms controls, read from its heading and ECCN."""

from functools import lru_cache
from typing import Literal

from features.items import Line
from features.reference.rows import Eccn, Heading
from features.reference.tables import eccns, heading_of

Arms = Literal["firearm", "ammunition", "shotgun", "part", "disputed", "none"]


def read_arms(line: Line) -> Arms:
    """Tell what a line is under 15 CFR 758.1(b)(9), as far as the declaration says.

    The paragraph goes by ECCN: 0A501.a and .b, 0A506, 0A507, short-barrelled shotguns of
    0A502 and 0A508, and 0A505 except .c. Many declarations have no ECCN, so without one the
    heading decides: 9301 to 9303 are firearms, 9306 is ammunition, 9305 are parts. Parts are
    not in the paragraph; most need a licence, and are in 758.1(b)(2) then.

    Parameters
    ----------
    line : Line
        One declared line.

    Returns
    -------
    str
        `firearm` or `ammunition`: in the paragraph. `shotgun`: in it if the barrel is short,
        which no field says. `part`: not in it. `disputed`: a heading of firearms or
        ammunition under an ECCN that is neither (lawful for antiques, EAR99). `none`: the rest.

    References
    ----------
    .. [1] 15 CFR 758.1(b)(2), 758.1(b)(9); 90 FR 47170.
    """
    return arms_of(line.schedule_b, line.eccn)


@lru_cache(maxsize=4096)
def arms_of(schedule_b: str, eccn: str | None) -> Arms:
    """Tell what a line is, as `read_arms` does, from the two fields that it goes by.

    Parameters
    ----------
    schedule_b : str
        The digits as declared.
    eccn : str or None
        The ECCN, if one was given.

    Returns
    -------
    str
        As `read_arms` gives it.
    """
    heading = heading_of(schedule_b)
    if eccn is None:
        return _by_heading(heading)
    entry = eccns().get(eccn[:5])
    reading: Arms = "none" if entry is None else _by_eccn(entry, eccn[6:7], heading)
    if heading is not None and heading.firearm and reading in ("part", "none"):
        return "none" if _is_exempt_ammunition(heading, entry) else "disputed"
    return reading


def _by_heading(heading: Heading | None) -> Arms:
    if heading is None:
        return "none"
    if heading.kind == "parts":
        return "part"
    return heading.kind if heading.kind in ("firearm", "ammunition") else "none"


def _by_eccn(entry: Eccn, paragraph: str, heading: Heading | None) -> Arms:
    is_part = heading is not None and heading.kind == "parts"
    match entry.filing:
        case "all":
            return "firearm"
        case "only":
            unsaid = not paragraph and not is_part
            return "firearm" if unsaid or paragraph in entry.paragraphs else "part"
        case "except":
            return "none" if paragraph in entry.paragraphs else "ammunition"
        case "short_barrel":
            return "part" if is_part else "shotgun"
        case _:
            return "part" if entry.parts else "none"


def _is_exempt_ammunition(heading: Heading, entry: Eccn | None) -> bool:
    return heading.kind == "ammunition" and entry is not None and entry.filing == "except"
