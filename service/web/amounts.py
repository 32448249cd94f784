"""Numbers and times as a person reads them."""

from datetime import datetime, timedelta


def how_long(left: timedelta) -> str:
    """Say how much time is left.

    Parameters
    ----------
    left : datetime.timedelta
        Time until something.

    Returns
    -------
    str
        In minutes, hours or days, rounded down.

    Examples
    --------
    >>> how_long(timedelta(minutes=12.5)), how_long(timedelta(hours=25))
    ('12 min', '25 h')
    >>> how_long(timedelta(seconds=-3))
    'gone'
    """
    minutes = int(left.total_seconds() // 60)
    if left < timedelta(0):
        return "gone"
    if minutes < 120:  # noqa: PLR2004 - as the docstring says
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"  # noqa: PLR2004 - two days


def until(at: datetime, now: datetime) -> str:
    """Say how much time is left until a moment.

    Parameters
    ----------
    at, now : datetime.datetime
        The moment, and the present one.

    Returns
    -------
    str
        As `how_long`.
    """
    return how_long(at - now)


def minutes(count: float) -> str:
    """Write a number of minutes.

    Parameters
    ----------
    count : float
        Minutes.

    Returns
    -------
    str
        With one decimal where there is one.

    Examples
    --------
    >>> minutes(75.0), minutes(0.4167), minutes(1200.0)
    ('75', '0.4', '1,200')
    """
    return f"{count:,.1f}".removesuffix(".0")


def percent(share: float) -> str:
    """Write a share in percent.

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    str
        With one decimal, or two digits that count below 0.1 %.

    Examples
    --------
    >>> percent(0.1234), percent(0.000251), percent(0.0)
    ('12.3 %', '0.025 %', '0.0 %')
    """
    hundredths = share * 100
    return f"{hundredths:.2g} %" if 0 < hundredths < 0.1 else f"{hundredths:.1f} %"  # noqa: PLR2004 - as the docstring says


def times(factor: float) -> str:
    """Write a factor.

    Parameters
    ----------
    factor : float
        How many times as much.

    Returns
    -------
    str
        With three digits that count.

    Examples
    --------
    >>> times(7.589), times(0.00236)
    ('7.59 times', '0.00236 times')
    """
    return f"{factor:.3g} times"


def of_hundred(share: float) -> str:
    """Put a share into words.

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    str
        Such as "3 in 100".

    Examples
    --------
    >>> of_hundred(0.03), of_hundred(0.0)
    ('3 in 100', 'none')
    """
    return f"{share * 100:.0f} in 100" if share else "none"
