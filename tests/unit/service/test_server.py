import socket

import pytest

from service.cli.server import address, listen
from service.settings import InvalidSettings


def test_any_free_port_is_taken_and_shown() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert port > 0
        assert address(listening) == f"http://127.0.0.1:{port}"


def test_the_protocol_is_named_so_that_replies_are_not_held_back() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_an_address_in_use_is_refused_and_named() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(InvalidSettings, match=f"cannot listen on 127.0.0.1 port {port}"):
            listen("127.0.0.1", port)


def test_version_six_is_shown_in_brackets() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with listen("::1", 0) as listening:
        assert address(listening) == f"http://[::1]:{listening.getsockname()[1]}"
