"""What of an HTTP response counts as an answer."""

from __future__ import annotations

import dns.message
import pytest

from resolver.errors import UpstreamUnreachable
from resolver.upstream.response import MAX_BODY, Response
from tests.upstream.asked import asked
from tests.upstream.servers import right

KIND = (b"content-type", b"application/dns-message")


@pytest.mark.parametrize("kind", [b"application/dns-message", b"Application/DNS-Message; charset=x"])
def test_a_right_one(kind: bytes) -> None:
    response = Response()
    assert response.head(b"200", [(b"content-type", kind)]) is None
    data = right(asked())
    assert all(response.add(data[at : at + 5]) for at in range(0, len(data), 5))
    assert response.message() == data


@pytest.mark.parametrize(
    ("status", "fields", "said"),
    [
        (b"204", [KIND], "HTTP status 204"),
        (b"", [KIND], "HTTP status "),
        (b"\xff\xff\xff", [], "HTTP status \ufffd\ufffd\ufffd"),
        (b"200", [], "it answers with nothing in particular instead of DNS"),
        (b"200", [(b"content-type", b"\x1b[2J")], "it answers with \\x1b[2j instead of DNS"),
    ],
)
def test_a_head_that_is_wrong(status: bytes, fields: list[tuple[bytes, bytes]], said: str) -> None:
    assert str(Response().head(status, fields)) == said


def test_a_body_of_any_length_a_message_may_have() -> None:
    response = Response()
    response.head(b"200", [KIND])
    assert response.add(bytes(MAX_BODY))
    assert not response.add(b"x")


@pytest.mark.parametrize("body", [b"", b"x" * 11])
def test_a_body_that_is_none(body: bytes) -> None:
    response = Response()
    response.head(b"200", [KIND])
    response.add(body)
    assert isinstance(response.message(), UpstreamUnreachable)


@pytest.mark.parametrize(("age", "ttl"), [(b"10", 50), (b"0", 60), (b"99", 0), (b"9" * 40, 0), (b"x", 60), (b"-1", 60)])
def test_age(age: bytes, ttl: int) -> None:
    response = Response()
    response.head(b"200", [KIND, (b"age", age)])
    response.add(right(asked()))
    data = response.message()
    assert isinstance(data, bytes)
    assert dns.message.from_wire(data).answer[0].ttl == ttl


def test_age_of_what_is_malformed() -> None:
    response = Response()
    response.head(b"200", [KIND, (b"age", b"1")])
    response.add(right(asked())[:-20])
    assert "malformed" in str(response.message())
