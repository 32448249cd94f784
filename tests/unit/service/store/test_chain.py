"""The bytes that are digested and signed never change: chains outlive versions of Weir."""

from service.store.chain import GENESIS, Checkpoint, Link, digest_payload
from tests.serving import NOON

LINK = Link(1, 1_795_510_800_000_000, "key", "admin", "item.read", "V1", "a" * 64, GENESIS, "")


def test_the_digest_of_a_row_is_what_it_always_was() -> None:
    assert LINK.computed() == "e37daa8c3a89399f99803bcdffb658c205dd59f759f48d6d5724f42e9033e3eb"


def test_every_field_counts_and_payload_and_own_digest_do_not() -> None:
    digests = {
        changed.computed()
        for changed in (
            LINK._replace(seq=2),
            LINK._replace(at=1),
            LINK._replace(actor="k"),
            LINK._replace(role="feed"),
            LINK._replace(act="item.skipped"),
            LINK._replace(subject=None),
            LINK._replace(payload_digest="b" * 64),
            LINK._replace(previous="1" * 64),
            LINK._replace(digest="c" * 64),
            LINK._replace(payload="{}"),
        )
    }
    assert len(digests) == 9
    assert LINK.computed() in digests


def test_fields_cannot_be_shifted_into_each_other() -> None:
    one = LINK._replace(actor="a", role="bc")
    other = LINK._replace(actor="ab", role="c")
    assert one.computed() != other.computed()


def test_the_digest_of_a_payload_is_what_it_always_was() -> None:
    assert (
        digest_payload("00", '{"n":1}')
        == "04fa6611646bd758ac754e3d216d9845ce60b32765f2017d3524a601377587e7"
    )


def test_what_is_signed_is_what_it_always_was() -> None:
    message = Checkpoint(7, "d" * 64, NOON, "signer", "").message()
    assert message == (b'["weir audit checkpoint 1",7,"' + b"d" * 64 + b'",1795510800000000]')
