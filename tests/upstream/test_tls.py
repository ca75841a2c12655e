"""Who an upstream is: certificates that are wrong each in their way, pins, sessions, and dates that do not count."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.upstream.tls import Contexts, pinned, public_key
from tests.upstream.asked import asked
from tests.upstream.authority import NAME, Authority, Issued
from tests.upstream.streamed import Peer, answering, carrying, over, sent, streaming

UNTIMELY = "UpstreamUntimely: its certificate {}, if this machine's clock is right"


def result(issued: Issued, more: str = f"#{NAME}", *, dated: bool = True) -> str:
    """What comes of a query to a server with that certificate: "answered", or the failure."""

    async def main() -> str:
        async with streaming(tls=issued.server("dot")) as server, carrying() as carriers:
            delivered = sent(carriers, server.address.url("tls") + more, dated=dated)
            return "answered" if isinstance(await delivered.result(), bytes) else await delivered.failure()

    return asyncio.run(main())


@pytest.mark.parametrize("more", ["", f"#{NAME}", "#127.0.0.1"])
def test_a_right_certificate(issued: Issued, more: str) -> None:
    assert result(issued, more) == "answered"


@pytest.mark.parametrize("name", ["other.example", "dns.example.net", "a.dns.example", "127.0.0.2"])
def test_a_wrong_name(issued: Issued, name: str) -> None:
    said = f"UpstreamUnreachable: its certificate is not for {name}"
    assert result(issued, f"#{name}") == said
    assert result(issued, f"#{name}", dated=False) == said


@pytest.mark.parametrize("dated", [True, False])
def test_one_that_is_not_for_servers(authority: Authority, dated: bool) -> None:
    found = result(authority.issue(NAME, server=False), dated=dated)
    assert found.startswith("UpstreamUnreachable: its certificate is refused: ")


def test_the_subject_is_no_name(authority: Authority) -> None:
    assert "is not for" in result(authority.issue("other.example"), "#a server of tests".replace(" ", "-"))


@pytest.mark.parametrize(("begins", "ends", "said"), [(-9, -1, "has expired"), (1, 9, "is not valid yet")])
def test_wrong_dates_alone_are_told_apart_and_may_not_count(
    authority: Authority, begins: float, ends: float, said: str
) -> None:
    issued = authority.issue(NAME, begins=begins, ends=ends)
    assert result(issued) == UNTIMELY.format(said)
    assert result(issued, dated=False) == "answered"


@pytest.mark.parametrize("dated", [True, False])
def test_wrong_in_more_than_the_date(authority: Authority, dated: bool) -> None:
    self_signed = authority.issue(NAME, self_signed=True, begins=-9, ends=-1)
    assert result(self_signed, dated=dated).startswith("UpstreamUnreachable: its certificate is self-signed")
    named = authority.issue("other.example", begins=-9, ends=-1)
    assert result(named, dated=dated) == f"UpstreamUnreachable: its certificate is not for {NAME}"
    pinned_otherwise = f"#{NAME}?pin={named.pin}"
    found = result(authority.issue(NAME, begins=-9, ends=-1), pinned_otherwise, dated=dated)
    assert found.startswith("UpstreamUntimely") if dated else "pinned" in found


def test_an_authority_that_is_not_known(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Authority(tmp_path_factory.mktemp("other")).issue(NAME)
    assert result(other) in {
        "UpstreamUnreachable: its certificate is by an authority that this machine does not know",
        "UpstreamUnreachable: its certificate is refused: certificate signature failure",  # the names are the same
    }


def test_pins(authority: Authority) -> None:
    one, other = authority.issue(NAME, file="one"), authority.issue(NAME, file="other")
    assert result(one, f"#{NAME}?pin={one.pin}") == "answered"
    assert result(one, f"#{NAME}?pin={other.pin}&pin={one.pin}") == "answered"
    said = "UpstreamUnreachable: its certificate has none of the pinned keys"
    assert result(one, f"#{NAME}?pin={other.pin}") == said
    assert "is not for" in result(one, f"#other.example?pin={one.pin}")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed_and_say_dot(issued: Issued, version: ssl.TLSVersion) -> None:
    context = issued.server("dot")
    context.minimum_version = context.maximum_version = version
    resumed: list[tuple[bool | None, str | None]] = []

    async def once(peer: Peer) -> None:
        resumed.append((peer.tls.session_reused, peer.tls.selected_alpn_protocol()))
        peer.answer(await peer.query())

    async def main() -> None:
        async with streaming(once, context) as server, carrying() as carriers:
            send = over(carriers, f"{server.address.url('tls')}#{NAME}?pin={issued.pin}")
            for n in range(3):
                await send(asked(n)).reply()
                await asyncio.sleep(0.05)

    asyncio.run(main())
    assert resumed == [(False, "dot"), (True, "dot"), (True, "dot")]


def test_nothing_older_than_tls_1_2(authority: Authority) -> None:
    assert Contexts().get(("dot",)).minimum_version == ssl.TLSVersion.TLSv1_2


def test_contexts_are_made_once(authority: Authority) -> None:
    contexts = Contexts()
    assert contexts.get(("dot",)) is contexts.get(("dot",))
    assert contexts.get(("dot",)) is not contexts.get(("dot",), dated=False)
    assert contexts.get(("dot",)) is not contexts.get(("h2",))


def test_queries_are_padded(issued: Issued) -> None:
    async def main() -> None:
        async with streaming(answering, issued.server()) as server, carrying() as carriers:
            send = over(carriers, server.address.url("tls"))
            for labels in range(1, 60):
                await send(asked(1, ".".join(["abc"] * labels))).reply()
            assert {size % 128 for size in server.peers[0].sizes} == {0}
            assert max(server.peers[0].sizes) == 384

    asyncio.run(main())


def test_the_key_in_a_certificate(issued: Issued) -> None:
    assert public_key(issued.der) == issued.key


@given(st.data())
def test_a_damaged_certificate_has_no_pinned_key(data: st.DataObject) -> None:
    cut = data.draw(st.binary(max_size=60))
    assert not pinned(cut, (bytes(32),))
