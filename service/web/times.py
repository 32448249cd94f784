"""Times that are typed into forms: local there, UTC here."""

from datetime import UTC, datetime, tzinfo


def in_utc(text: str, zone: tzinfo = UTC) -> str:
    """Write a time that was typed in UTC, or leave it to be refused.

    Parameters
    ----------
    text : str
        What a field of date and time holds, without a zone.
    zone : datetime.tzinfo
        Zone that is meant. Of a time that comes twice a year the first one is taken.

    Returns
    -------
    str
        RFC 3339, or the text itself.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> in_utc("2026-11-24T09:00", ZoneInfo("America/Chicago")), in_utc("tonight")
    ('2026-11-24T15:00:00+00:00', 'tonight')
    """
    written = text.strip()
    try:
        there = datetime.fromisoformat(written)
    except ValueError:
        return written
    local = there if there.tzinfo else there.replace(tzinfo=zone)
    return local.astimezone(UTC).isoformat()
