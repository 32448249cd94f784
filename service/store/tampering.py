"""Ways to tamper with the audit, for the proof that each of them is found out."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, func, insert, select, update

from service.store.audit_tables import AUDIT, AUDIT_PAYLOADS, CHECKPOINTS
from service.store.chain import Link, last_checkpoint, links

_DIGITS = "0123456789abcdef"

Tampering = Callable[[Connection, random.Random], str]
"""Does one edit, and says what it did."""


def _n_rows(connection: Connection) -> int:
    return int(connection.execute(select(func.max(AUDIT.c.seq))).scalar_one())


def _any_row(connection: Connection, draw: random.Random) -> int:
    return draw.randint(1, _n_rows(connection))


def _other(value: Any, draw: random.Random) -> Any:  # noqa: ANN401 - a column's value
    """Change one thing about a value: a moment by some microseconds, a text in one place."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value + draw.choice((-1, 1)) * draw.randint(1, 10**9)
    at = draw.randrange(len(value))
    digit = draw.choice([digit for digit in _DIGITS if digit != value[at]])
    return value[:at] + digit + value[at + 1 :]


def _change(
    connection: Connection, draw: random.Random, table: Table, column: Column[Any], seq: int
) -> str:
    # times as the numbers that they are stored as
    value = connection.exec_driver_sql(
        f"SELECT {column.name} FROM {table.name} WHERE seq = {seq}"  # noqa: S608 - our own names
    ).scalar_one()
    other = _other(value, draw)
    written = other if isinstance(other, int) else "'" + other.replace("'", "''") + "'"
    connection.exec_driver_sql(
        f"UPDATE {table.name} SET {column.name} = {written} WHERE seq = {seq}"  # noqa: S608 - as above
    )
    return f"{table.name}.{column.name} of row {seq}"


def change_row(connection: Connection, draw: random.Random) -> str:
    """Change one column of one row."""
    column = draw.choice([each for each in AUDIT.columns if each.name != "seq"])
    return _change(connection, draw, AUDIT, column, _any_row(connection, draw))


def change_payload(connection: Connection, draw: random.Random) -> str:
    """Change a payload or its salt."""
    column = draw.choice([AUDIT_PAYLOADS.c.salt, AUDIT_PAYLOADS.c.payload])
    return _change(connection, draw, AUDIT_PAYLOADS, column, _any_row(connection, draw))


def change_checkpoint(connection: Connection, draw: random.Random) -> str:
    """Change one column of a checkpoint."""
    column = draw.choice([each for each in CHECKPOINTS.columns if each.name != "seq"])
    seqs = list(connection.execute(select(CHECKPOINTS.c.seq)).scalars())
    return _change(connection, draw, CHECKPOINTS, column, draw.choice(seqs))


def delete_payload(connection: Connection, draw: random.Random) -> str:
    """Delete a payload that no purge took."""
    seq = _any_row(connection, draw)
    connection.execute(delete(AUDIT_PAYLOADS).where(AUDIT_PAYLOADS.c.seq == seq))
    return f"payload of row {seq} deleted"


def delete_row(connection: Connection, draw: random.Random) -> str:
    """Delete a row that others follow."""
    seq = draw.randint(1, _n_rows(connection) - 1)
    _delete_rows(connection, seq, seq)
    return f"row {seq} deleted"


def cut_off(connection: Connection, draw: random.Random) -> str:
    """Delete the end of the chain, back beyond the last checkpoint."""
    first = draw.randint(1, last_checkpoint(connection))
    _delete_rows(connection, first, _n_rows(connection))
    return f"rows from {first} on deleted"


def _delete_rows(connection: Connection, first: int, last: int) -> None:
    for table in (AUDIT_PAYLOADS, AUDIT):
        connection.execute(delete(table).where(table.c.seq.between(first, last)))


def swap_rows(connection: Connection, draw: random.Random) -> str:
    """Let two rows change places, their payloads with them."""
    first, second = draw.sample(range(1, _n_rows(connection) + 1), 2)
    found = {link.seq: link for link in links(connection)}
    _delete_rows(connection, first, first)
    _delete_rows(connection, second, second)
    _insert(connection, [found[first]._replace(seq=second), found[second]._replace(seq=first)])
    return f"rows {first} and {second} swapped"


def write_anew(connection: Connection, draw: random.Random) -> str:
    """Change a row that was signed, and compute every digest after it again."""
    first = draw.randint(1, last_checkpoint(connection))
    rows = list(links(connection, first - 1))
    previous = rows[0].previous
    forged: list[Link] = []
    for number, row in enumerate(rows):
        changed = row._replace(actor="forged") if number == 0 else row
        changed = changed._replace(previous=previous)
        previous = changed.computed()
        forged.append(changed._replace(digest=previous))
    _delete_rows(connection, first, rows[-1].seq)
    _insert(connection, forged)
    return f"rows from {first} on written anew"


def insert_row(connection: Connection, draw: random.Random) -> str:
    """Add a copy of some row at the end."""
    last = _n_rows(connection)
    copied = draw.randint(1, last)
    row = next(iter(links(connection, copied - 1)))
    _insert(connection, [row._replace(seq=last + 1)])
    return f"row {copied} added again as {last + 1}"


def delete_checkpoints(connection: Connection, draw: random.Random) -> str:
    """Delete a checkpoint, of which there is a copy beside the store."""
    seqs = list(connection.execute(select(CHECKPOINTS.c.seq)).scalars())
    seq = draw.choice(seqs)
    connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.seq == seq))
    return f"checkpoint at row {seq} deleted"


def move_checkpoint(connection: Connection, draw: random.Random) -> str:
    """Move a checkpoint to another row."""
    seqs = list(connection.execute(select(CHECKPOINTS.c.seq)).scalars())
    seq, other = draw.choice(seqs), draw.randint(_n_rows(connection) + 1, 2**31)
    connection.execute(update(CHECKPOINTS).where(CHECKPOINTS.c.seq == seq).values(seq=other))
    return f"checkpoint at row {seq} moved to {other}"


def _insert(connection: Connection, rows: Sequence[Link]) -> None:
    names = [column.name for column in AUDIT.columns]
    for row in rows:
        values = row._asdict()
        placed = ", ".join(_quoted(values[name]) for name in names)
        connection.exec_driver_sql(f"INSERT INTO audit ({', '.join(names)}) VALUES ({placed})")  # noqa: S608 - our own rows
        if row.payload is not None:
            kept = {"seq": row.seq, "salt": row.salt, "payload": row.payload}
            connection.execute(insert(AUDIT_PAYLOADS).values(kept))


def _quoted(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


WAYS: Sequence[Tampering] = (
    change_row,
    change_payload,
    change_checkpoint,
    delete_payload,
    delete_row,
    cut_off,
    swap_rows,
    write_anew,
    insert_row,
    delete_checkpoints,
    move_checkpoint,
)
"""Every kind of edit that the proof draws from."""
