"""Entity tokens: identifiers under a keyed hash, so that the store knows no names."""

import hashlib
import hmac
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, insert, select

from features.errors import WeirError
from service.store.tables import TOKEN_KEYS

_LABEL = b"weir entity tokens 1"
_DIGEST_LABEL = b"weir item digests 1"
_DRAW_LABEL = b"weir draws 1"
_TOKEN_CHARACTERS = 32
_KEY_ID_CHARACTERS = 16
_KEPT_IN_MIND = 65_536
"""Entities whose token is remembered: one item asks for each several times."""


class WrongSecret(WeirError):  # noqa: N818 - named after the user's mistake
    """The secret is not the one that this store's entity tokens were made with."""


class Tokens:
    """Makes tokens from identifiers with a key derived from the service's secret.

    Parameters
    ----------
    secret : str
        The value of `WEIR_SECRET`.

    Attributes
    ----------
    key_id : str
        Tells this key from others, without telling the key.
    draw_key : bytes
        Key of the draws that choose items by chance: nobody without the secret foresees them.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _LABEL, "sha256")
        self._digest_key = hmac.digest(secret.encode(), _DIGEST_LABEL, "sha256")
        self._known = lru_cache(_KEPT_IN_MIND)(self._make)
        self.draw_key = hmac.digest(secret.encode(), _DRAW_LABEL, "sha256")
        self.key_id = hashlib.sha256(self._key).hexdigest()[:_KEY_ID_CHARACTERS]

    def token(self, kind: str, key: str) -> str:
        """Give the token of an entity.

        Parameters
        ----------
        kind : str
            Kind of the entity; one identifier used by two kinds has two tokens.
        key : str
            Normalised identifier, as `features.entities` gives it.

        Returns
        -------
        str
            32 hexadecimal digits: HMAC-SHA-256 cut to 128 bits.
        """
        return self._known(kind, key)

    def _make(self, kind: str, key: str) -> str:
        message = f"{kind}\0{key}".encode()
        return hmac.digest(self._key, message, "sha256").hex()[:_TOKEN_CHARACTERS]

    def digest(self, content: bytes) -> str:
        """Give a keyed digest of an item's content, to tell a repeat from an amendment.

        Parameters
        ----------
        content : bytes
            The item written one way.

        Returns
        -------
        str
            64 hexadecimal digits. It is keyed because plates are few enough to guess.
        """
        return hmac.digest(self._digest_key, content, "sha256").hex()


def claim_token_key(connection: Connection, tokens: Tokens, now: datetime) -> int:
    """Find the number of the key in use, or record it as the key of a new store.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    tokens : Tokens
        The tokens that the service is about to make.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    int
        Number of the key, as rows refer to it.

    Raises
    ------
    WrongSecret
        If the store's tokens were made with another key: every entity would look new.
    """
    rows = connection.execute(select(TOKEN_KEYS.c.key_id, TOKEN_KEYS.c.token_key))
    known = {row.key_id: row.token_key for row in rows}
    if tokens.key_id in known:
        return int(known[tokens.key_id])
    if known:
        raise WrongSecret(
            "WEIR_SECRET is not the one that this store was made with, so no entity would be "
            "recognised; set the original secret, or point WEIR_DATABASE_URL at a new store"
        )
    connection.execute(insert(TOKEN_KEYS).values(token_key=1, key_id=tokens.key_id, created_at=now))
    return 1
