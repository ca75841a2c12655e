"""One name asked of one resolver over a transport: both families of addresses at once."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
from collections.abc import Sequence

import msgspec

from resolver.diagnosis.facts import Answer, Failure, Role, Said
from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUntimely, WireError
from resolver.model import Question, Rcode, Type
from resolver.upstream.transport import Transport
from resolver.wire import reply
from resolver.wire.name import ROOT, to_text
from resolver.wire.zone import data_text

PATIENCE = 5.0
"""Seconds that a resolver has for its answer."""

_AGAIN = (1.0, 1.5)  # seconds after which a datagram that may be lost is sent once more
_BOTH = (Type.A, Type.AAAA)
_ADDRESSES = frozenset(map(int, _BOTH))

# What the machine's own network stack says when it does not find the way, or nobody there: no word from the resolver.
_NO_WAY = frozenset(map(os.strerror, (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ETIMEDOUT)))


class Resolver(msgspec.Struct, frozen=True):
    """Whom to ask and how: `transports` in the order to try them when an answer is truncated. `lossy`: the first may
    lose what is sent. `patience` is in seconds."""

    server: str
    role: Role
    transports: Sequence[Transport]
    lossy: bool
    authentic: bool = False
    patience: float = PATIENCE


async def say(resolver: Resolver, name: bytes) -> Said:
    """What a resolver says of a name (wire form)."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tried = await asyncio.gather(*(ask(resolver, Question(name, type)) for type in _BOTH))
    ms = round((loop.time() - began) * 1000, 1)
    result = _together([_answer(one) if isinstance(one, reply.Reply) else one for one in tried])
    said = Said(resolver.server, resolver.role, result, ms, resolver.authentic)
    if isinstance(result, Answer) and result.rcode == Rcode.SERVFAIL and resolver.role != Role.OWN:
        said = msgspec.structs.replace(said, sound=await _knows_root(resolver))
    return said


async def _knows_root(resolver: Resolver) -> bool:
    """Whether it answers what every resolver can that works; this tells nobody what was looked up."""
    found = await ask(resolver, Question(ROOT, Type.NS))
    return isinstance(found, reply.Reply) and found.rcode == Rcode.NOERROR


def _together(results: list[Answer | Failure]) -> Answer | Failure:
    """Both families in one: that which is usable speaks for the name, and an answer before none at all."""
    answers = [one for one in results if isinstance(one, Answer)]
    if not answers:
        return results[0]
    first = next((one for one in answers if one.usable), answers[0])
    return Answer(
        first.rcode,
        tuple(address for one in answers for address in one.addresses),
        first.chain,
        all(one.ad for one in answers),
        tuple(dict.fromkeys(ede for one in answers for ede in one.ede)),
    )


def _answer(found: reply.Reply) -> Answer:
    addresses = [
        data_text(rrset.type, rdata) for rrset in found.answer if rrset.type in _ADDRESSES for rdata in rrset.rdatas
    ]
    chain = [to_text(rrset.rdatas[0]) for rrset in found.answer if rrset.type == Type.CNAME]
    return Answer(found.rcode, tuple(filter(_is_address, addresses)), tuple(chain), found.ad, found.ede)


def _is_address(text: str) -> bool:
    """RDATA of a wrong length is shown in the generic form (RFC 3597 section 5)."""
    return not text.startswith("\\#")


async def ask(resolver: Resolver, question: Question) -> reply.Reply | Failure:
    """What a resolver says to a question."""
    try:
        async with asyncio.timeout(resolver.patience):
            for left, transport in zip(range(len(resolver.transports) - 1, -1, -1), resolver.transports, strict=True):
                again = _AGAIN if resolver.lossy and transport is resolver.transports[0] else ()
                found = reply.parse(await _exchange(transport, question, again), question)
                if not found.truncated or not left:
                    break
    except TimeoutError:
        return Failure(f"no answer in {resolver.patience:g} seconds", silent=True)
    except WireError as error:
        return Failure(f"a malformed answer: {error}", silent=False)
    except UpstreamError as error:
        silent = isinstance(error, UpstreamTimeout) or any(text in str(error) for text in (*_NO_WAY, *_SILENCE))
        return Failure(str(error), silent, isinstance(error, UpstreamUntimely))
    return Failure("truncated answers without end", silent=False) if found.truncated else found


_SILENCE = ("in time", "does not answer")
"""How transports say that nothing came."""


async def _exchange(transport: Transport, question: Question, again: Sequence[float]) -> bytes:
    """The reply to a query, which is sent once more after so many seconds. Raises UpstreamError."""
    arrived: asyncio.Future[bytes | UpstreamError] = asyncio.get_running_loop().create_future()

    def deliver(result: bytes | UpstreamError) -> None:
        if not arrived.done():
            arrived.set_result(result)

    sent = []
    try:
        for seconds in (*again, None):
            query = reply.build(question, secrets.randbelow(1 << 16), do=False, cd=False)
            sent.append(transport.send(query, deliver))
            await asyncio.wait((arrived,), timeout=seconds)
            if arrived.done():
                break
    finally:
        for one in sent:
            one.close()
    result = arrived.result()
    if isinstance(result, UpstreamError):
        raise result
    return result
