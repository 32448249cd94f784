"""The audit's chain: every act is a row whose digest covers the row before it."""

import hashlib
import secrets
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, insert, select, text

from features.encoding import microseconds
from service.store.audit_tables import AUDIT, AUDIT_PAYLOADS, CHECKPOINTS

GENESIS = "0" * 64
"""What the first row has as the digest before it."""

PURGED = "records.purged"
"""The act whose payload says which payloads may be gone."""

SALT_BYTES = 16
_LOCK = 0x57454952
"""Number of the advisory lock that serialises writers of the chain on PostgreSQL."""

_ROWS_AT_ONCE = 5_000


class Act(NamedTuple):
    """Something that somebody did and that must be provable later.

    Parameters
    ----------
    actor : str
        Key id of the caller, or the system user at the command line.
    role : str
        Role of the key, `operator` at the command line.
    act : str
        What was done, such as `inspection.recorded`.
    subject : str or None
        Id of what it was done to.
    payload : mapping
        Particulars as JSON values; they may be purged before the row.
    """

    actor: str
    role: str
    act: str
    subject: str | None
    payload: Mapping[str, Any]


class Link(NamedTuple):
    """One row of the chain, with its payload as far as that is still kept.

    Parameters
    ----------
    seq : int
        Position, from 1 without gaps.
    at : int
        When, in microseconds since the epoch.
    actor, role, act, subject : str
        As in `Act`.
    payload_digest : str
        SHA-256 of salt and payload.
    previous : str
        Digest of the row before.
    digest : str
        Digest of this row as it is stored.
    salt, payload : str or None
        None once purged.
    """

    seq: int
    at: int
    actor: str
    role: str
    act: str
    subject: str | None
    payload_digest: str
    previous: str
    digest: str
    salt: str | None = None
    payload: str | None = None

    def computed(self) -> str:
        """Compute the digest that this row must have.

        Returns
        -------
        str
            SHA-256 of the row's fields as a JSON array, in hexadecimal digits.
        """
        return hashlib.sha256(orjson.dumps(self[:8])).hexdigest()


class Head(NamedTuple):
    """Where the chain ends: position and digest of the last row."""

    seq: int
    digest: str


def digest_payload(salt: str, payload: str) -> str:
    """Compute the digest of a payload.

    The salt keeps what was purged from being guessed from its digest.

    Parameters
    ----------
    salt : str
        Random hexadecimal digits.
    payload : str
        JSON.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits.
    """
    return hashlib.sha256(f"{salt}{payload}".encode()).hexdigest()


def lock_chain(connection: Connection) -> None:
    """Wait until no other transaction may write to the chain, and keep others out.

    SQLite has one writer at a time anyway. The lock is held until the transaction ends, so
    take it late, or take it first where acts must not race each other.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def head(connection: Connection) -> Head:
    """Find the last row of the chain.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction; under `lock_chain` where the answer must stay true.

    Returns
    -------
    Head
        Position 0 and `GENESIS` while the chain is empty.
    """
    last = connection.execute(
        select(AUDIT.c.seq, AUDIT.c.digest).order_by(AUDIT.c.seq.desc()).limit(1)
    ).first()
    return Head(last.seq, last.digest) if last else Head(0, GENESIS)


def append(connection: Connection, acts: Sequence[Act], now: datetime) -> None:
    """Add acts to the chain, in the transaction that does them.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    acts : sequence of Act
        What was done, in order.
    now : datetime.datetime
        The present moment.
    """
    if not acts:
        return
    lock_chain(connection)
    seq, previous = head(connection)
    links: list[Link] = []
    for act in acts:
        salt = secrets.token_hex(SALT_BYTES)
        payload = orjson.dumps(act.payload, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()
        seq += 1
        digest = digest_payload(salt, payload)
        link = Link(seq, microseconds(now), *act[:4], digest, previous, "", salt, payload)
        previous = link.computed()
        links.append(link._replace(digest=previous))
    connection.execute(insert(AUDIT), [_row(link, now) for link in links])
    connection.execute(
        insert(AUDIT_PAYLOADS),
        [{"seq": link.seq, "salt": link.salt, "payload": link.payload} for link in links],
    )


def _row(link: Link, now: datetime) -> dict[str, Any]:
    row = link._asdict() | {"at": now}
    return {name: row[name] for name in AUDIT.columns.keys()}  # noqa: SIM118 - not a dict


_LINKS = """
SELECT a.seq, a.at, a.actor, a.role, a.act, a.subject, a.payload_digest, a.previous, a.digest,
       p.salt, p.payload
FROM audit AS a LEFT JOIN audit_payloads AS p ON p.seq = a.seq
WHERE a.seq > {after} ORDER BY a.seq
"""


def links(connection: Connection, after: int = 0) -> Generator[Link]:
    """Read the chain in order, a few thousand rows at a time; close it when it is left early.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    after : int
        Position after which to begin.

    Yields
    ------
    Link
        Each row with its payload.
    """
    # the driver's own rows: converting the columns would double the time of a long check
    result = connection.exec_driver_sql(
        _LINKS.format(after=int(after)),
        execution_options={"stream_results": True, "max_row_buffer": _ROWS_AT_ONCE},
    )
    with result:
        for rows in result.partitions(_ROWS_AT_ONCE):
            yield from map(Link._make, rows)


class Wanted(NamedTuple):
    """Which rows of the chain are read.

    Parameters
    ----------
    after : int
        Position after which to begin.
    subject : str or None
        Only acts on this id.
    actor : str or None
        Only acts by this key, or by this system user at the command line.
    limit : int
        Most rows.
    """

    after: int
    subject: str | None
    actor: str | None
    limit: int


def page(connection: Connection, wanted: Wanted) -> list[Link]:
    """Read a few rows of the chain.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    wanted : Wanted
        Which.

    Returns
    -------
    list of Link
        In order.
    """
    joined = AUDIT.outerjoin(AUDIT_PAYLOADS, AUDIT_PAYLOADS.c.seq == AUDIT.c.seq)
    query = select(AUDIT, AUDIT_PAYLOADS.c.salt, AUDIT_PAYLOADS.c.payload).select_from(joined)
    query = query.where(AUDIT.c.seq > wanted.after).order_by(AUDIT.c.seq).limit(wanted.limit)
    if wanted.subject is not None:
        query = query.where(AUDIT.c.subject == wanted.subject)
    if wanted.actor is not None:
        query = query.where(AUDIT.c.actor == wanted.actor)
    return [Link(*row)._replace(at=microseconds(row.at)) for row in connection.execute(query)]


class Checkpoint(NamedTuple):
    """A signed statement of where the chain ended at a moment.

    Parameters
    ----------
    seq : int
        Position of the last row then.
    digest : str
        Its digest.
    at : datetime.datetime
        When it was signed.
    signer : str
        Id of the key.
    signature : str
        Ed25519, 128 hexadecimal digits.
    """

    seq: int
    digest: str
    at: datetime
    signer: str
    signature: str

    def message(self) -> bytes:
        """Give the exact bytes that are signed.

        Returns
        -------
        bytes
            A JSON array of a label, position, digest and time.
        """
        signed = ["weir audit checkpoint 1", self.seq, self.digest, microseconds(self.at)]
        return orjson.dumps(signed)


def checkpoints(connection: Connection) -> list[Checkpoint]:
    """Read every checkpoint, oldest first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    list of Checkpoint
        As stored; nothing is verified.
    """
    rows = connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.seq))
    return [Checkpoint(*row) for row in rows]


def last_checkpoint(connection: Connection) -> int:
    """Tell how far the chain is signed.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    int
        Position of the last checkpoint, 0 if there is none.
    """
    query = select(CHECKPOINTS.c.seq).order_by(CHECKPOINTS.c.seq.desc()).limit(1)
    return int(connection.execute(query).scalar() or 0)


def add_checkpoint(connection: Connection, checkpoint: Checkpoint) -> None:
    """Store a checkpoint.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write, under `lock_chain`.
    checkpoint : Checkpoint
        Signed.
    """
    connection.execute(insert(CHECKPOINTS).values(checkpoint._asdict()))
