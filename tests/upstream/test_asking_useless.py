"""One question on its way: what is no answer, and what is done about it. In a loop whose time jumps."""

from __future__ import annotations

from collections.abc import Callable

import dns.flags
import dns.message
import dns.rcode
import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Rcode
from resolver.upstream.asking import DEADLINE
from resolver.upstream.strategy import ATTEMPTS
from tests.upstream.pooled import Some, garbage, saying, silence, truncated, unreachable, with_some


@pytest.mark.parametrize("failure", [unreachable, garbage])
def test_failures_are_not_waited_for(failure: Callable[[dns.message.Message], bytes | UpstreamError]) -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = failure
        assert await some.address() == ("udp://1", 1)
        assert some.passed == 0.02
        assert some.pool.upstreams[0].failed == 2  # with the look that followed
        assert some.pool.upstreams[0].health().reason

    with_some(main)


@pytest.mark.parametrize("failure", [unreachable, garbage])
def test_when_all_fail_it_ends_at_once(failure: Callable[[dns.message.Message], bytes | UpstreamError]) -> None:
    async def main(some: Some) -> None:
        for upstream in (*some.udp, *some.tcp):
            upstream.result = failure
        with pytest.raises(UpstreamUnreachable, match="udp://"):
            await some.ask()
        assert some.passed <= 0.04
        assert len(some.udp[0].asked + some.udp[1].asked + some.tcp[0].asked) == ATTEMPTS

    with_some(main)


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP, dns.rcode.FORMERR])
def test_useless_answers_are_taken_to_the_next(rcode: dns.rcode.Rcode) -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = saying(rcode)
        assert await some.address() == ("udp://1", 1)
        assert some.passed == 0.02
        assert some.pool.upstreams[0].failed == 0  # it did answer

    with_some(main)


def test_when_all_say_servfail_that_is_the_answer() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = some.udp[1].result = saying(dns.rcode.SERVFAIL)
        answer = await some.ask()
        assert (answer.upstream, answer.reply.rcode) == ("udp://0", Rcode.SERVFAIL)
        assert len(some.udp[0].asked + some.udp[1].asked) <= ATTEMPTS

    with_some(main)


def test_servfail_of_one_outranks_the_silence_of_others() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = saying(dns.rcode.SERVFAIL)
        some.udp[1].result = silence
        assert (await some.ask()).reply.rcode == Rcode.SERVFAIL
        assert some.passed <= DEADLINE

    with_some(main)


@pytest.mark.parametrize("rcode", [dns.rcode.NOERROR, dns.rcode.NXDOMAIN])
def test_denials_are_answers(rcode: dns.rcode.Rcode) -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = saying(rcode)
        answer = await some.ask()
        assert (answer.upstream, answer.reply.rcode) == ("udp://0", rcode)
        assert some.udp[1].asked == []

    with_some(main)


def test_a_truncated_reply_is_followed_over_tcp() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = truncated
        assert await some.address() == ("udp://0", 100)
        assert some.passed == 0.03
        assert some.udp[1].asked == []

    with_some(main)


def test_where_tcp_fails_the_next_is_asked() -> None:
    async def main(some: Some) -> None:
        some.udp[0].result = truncated
        some.tcp[0].result = unreachable
        assert await some.address() == ("udp://1", 1)

    with_some(main)


def test_tc_over_tcp_is_no_answer() -> None:
    async def main(some: Some) -> None:
        for upstream in (*some.udp, *some.tcp):
            upstream.result = truncated
        with pytest.raises(UpstreamUnreachable, match="truncated"):
            await some.ask()

    with_some(main)
