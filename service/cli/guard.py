"""What commands have in common: one clear line for an error, and the store that they open."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from features.errors import WeirError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.settings import Settings
    from service.store.engine import Store

FAILED = 1
MISCONFIGURED = 2
INTERRUPTED = 130


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn an error of ours into one line on standard error and an exit code.

    Raises
    ------
    typer.Exit
        With 2 if a setting is wrong, 1 if something else is, 130 if interrupted.
    """
    from service.settings import InvalidSettings  # noqa: PLC0415 - keeps --help quick

    try:
        yield
    except InvalidSettings as refused:
        typer.echo(f"weir: {refused.detail}", err=True)
        raise typer.Exit(MISCONFIGURED) from None
    except WeirError as failed:
        typer.echo(f"weir: {_told(failed)}", err=True)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        typer.echo("weir: interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except Exception as failed:
        from service.store.engine import refusal  # noqa: PLC0415 - keeps --help quick

        told = refusal(failed)
        if told is None:
            raise
        typer.echo(f"weir: {_told(told)}", err=True)
        raise typer.Exit(FAILED) from None


def _told(failed: WeirError) -> str:
    """Add the store's address and the driver's own words, which only operators may see."""
    from sqlalchemy import make_url  # noqa: PLC0415 - keeps --help quick

    from service.settings import load_settings  # noqa: PLC0415 - as above
    from service.store.engine import StoreUnavailable  # noqa: PLC0415 - as above

    if not isinstance(failed, StoreUnavailable):
        return failed.detail
    settings = load_settings()
    password = make_url(settings.url).password
    reason = failed.reason.replace(str(password), "***") if password else failed.reason
    detail = failed.detail.removesuffix("; send it again")
    return (
        f"{detail} ({shown(settings)}: {reason or 'no reason given'}); "
        "check WEIR_DATABASE_URL and what it names"
    )


def open_store(settings: Settings) -> Store:
    """Open the store; a new one gets its tables, with a note on standard error.

    Parameters
    ----------
    settings : Settings
        Where it is.

    Returns
    -------
    Store
        The open store.
    """
    from service.opening import open_store  # noqa: PLC0415 - keeps --help quick

    store, fresh = open_store(settings)
    if fresh:
        typer.echo(f"weir: made the tables of a new store, {shown(settings)}", err=True)
    return store


def shown(settings: Settings) -> str:
    """Write the store's address without its password.

    Parameters
    ----------
    settings : Settings
        Where it is.

    Returns
    -------
    str
        The URL, with `***` for a password.
    """
    from sqlalchemy import make_url  # noqa: PLC0415 - keeps --help quick

    return make_url(settings.url).render_as_string(hide_password=True)


def read_moment(given: str, option: str) -> datetime:
    """Read a moment from the command line.

    Parameters
    ----------
    given : str
        A day, which is its 00:00 UTC, or a time with its zone.
    option : str
        Where it was given.

    Returns
    -------
    datetime.datetime
        The moment in UTC.

    Raises
    ------
    typer.Exit
        With 2 if it is neither.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 - beside its use

    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or (moment.tzinfo is None and "T" in given):
        advice = "give a day such as 2026-11-24, or a time such as 2026-11-24T10:00:00Z"
        typer.echo(f"weir: {option}: {given!r}: {advice}", err=True)
        raise typer.Exit(MISCONFIGURED)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
