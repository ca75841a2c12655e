"""What hostile bytes reach first, each as a function of bytes that raises for what must never be.

A target may meet the errors that its function declares, and nothing else; and what it says of the bytes must hold: a
reply is one to its query and no longer than allowed, and what was read, written and read again is the same.
"""

from __future__ import annotations

import asyncio
import io
import pathlib
import time
from collections.abc import Callable

import msgspec

from resolver.config.known import Known
from resolver.config.load import parse as parse_config
from resolver.errors import ConfigError, LullError, RuleError, TextError, WireError
from resolver.journal import frames
from resolver.listen import doh
from resolver.listen.http1 import Http1
from resolver.listen.http2 import Http2
from resolver.listen.proxied import spoken_for
from resolver.model import Message, Question, Response
from resolver.rules import auto, ownrule, read
from resolver.rules.rule import Skip
from resolver.wire import padding, reply
from resolver.wire.name import from_text, to_text
from resolver.wire.query import Fault, decode
from resolver.wire.response import encode, encode_fault

SLOW = 0.5
"""Seconds that no input may take; they are small, and a machine may be busy."""

_SYNTAXES = ("auto", "hosts", "domains", "adblock", "dnsmasq", "rpz")
_CONFIG = pathlib.Path("/lull.yaml")
_KNOWN = Known(rule=ownrule.read)
_HEADER = 12


def message(data: bytes) -> None:
    """A datagram as clients send it: silence, or a reply to it of the right form and length."""
    try:
        found = decode(data)
    except WireError:
        return
    if isinstance(found, Fault):
        answer = data[:2] + encode_fault(found)
        assert len(answer) <= len(data) + _HEADER + 64
        assert answer[2] & 0x80
        assert answer[3] & 15 == found.rcode & 15
        return
    assert isinstance(found, Message)
    assert from_text(to_text(found.question.name)) == found.question.name
    for limit in (512, 1232, 65_535):
        body = encode(found, Response(0), limit).body
        assert _HEADER + len(found.spelled) <= len(body) + 2 <= limit
        assert padding.smallest_ttl(b"\0\0" + body) is None
        assert len(padding.padded(b"\0\0" + body)) in {len(body) + 2, padding.BLOCK}


def answer(data: bytes) -> None:
    """What an upstream says to a question: the first bytes are the question's name, the rest its reply."""
    name = b"\x03www\x07example\0"
    question = Question(name, data[0] if data else 1)
    asked = reply.build(question, 7, do=bool(len(data) & 1), cd=False)
    said = asked[:2] + b"\x81\x80" + data[1:9].ljust(8, b"\0") + asked[12 : 12 + len(name) + 4] + data[9:]
    for bytes_ in (said, data):
        if not reply.matches(bytes_, asked):
            continue
        try:
            found = reply.parse(bytes_, question)
        except WireError:
            continue
        assert all(rrset.ttl <= reply.MAX_TTL for rrset in (*found.answer, *found.authority))
        assert len(found.answer) <= 4 * reply.CHAIN
        assert not found.positive or found.answer


def rules(data: bytes) -> None:
    """A list in every syntax: lines become rules or are skipped with a reason."""
    for syntax in _SYNTAXES:
        parser = auto.parser(syntax)
        assert parser is not None
        for line in read.lines(io.BytesIO(data), indent=syntax in {"rpz", "auto"}):
            if isinstance(line, read.TooLong):
                continue
            assert all(found.reason for found in parser(line) if isinstance(found, Skip))


def own_rule(data: bytes) -> None:
    """A rule that somebody types: the same when it is written down and read again."""
    text = data.decode("utf-8", "surrogateescape")
    for action in ("allow", "deny"):
        try:
            made = ownrule.made(action, text)
        except (RuleError, TextError):
            continue
        again = ownrule.own_rule(made.text)
        assert (again.name, again.exact, again.line) == (made.name, made.exact, made.line), made.text


def config(data: bytes) -> None:
    """A config file: a config, or every mistake with its line."""
    try:
        parse_config(data, _CONFIG, _KNOWN)
    except ConfigError as error:
        assert error.problems
        assert all(problem.message for problem in error.problems)


def http(data: bytes) -> None:
    """A connection of a browser, either version."""
    for version in (Http1(), Http2()):
        half = len(data) // 2
        for part in (data[:half], data[half:]):
            if version.over or not part:
                continue
            for stream, request in version.feed(part):
                if isinstance(request, doh.Request):
                    asked = doh.read(request)
                    done = asked if isinstance(asked, doh.Reply) else doh.told(asked, None)
                else:
                    done = request
                version.reply(stream, done, bare=False)
        version.out()


def request(data: bytes) -> None:
    """A request for an answer: method, target and content type on lines of their own, then the body."""
    method, target, kind, body = [*data.split(b"\n", 3), b"", b"", b"", b""][:4]
    said = {"content-type": kind.decode("latin-1")}
    asked = doh.read(doh.Request(method.decode("latin-1"), target.decode("latin-1"), said, body))
    if isinstance(asked, doh.Reply):
        assert 400 <= asked.status < 500
        return
    try:
        decode(asked.query)
    except WireError:
        assert not asked.json


def frame(data: bytes) -> None:
    """A frame between worker and control."""
    for reading in (frames.read_from_worker, frames.read_from_control):
        try:
            found = asyncio.run(_read(reading, data))
        except (asyncio.IncompleteReadError, msgspec.MsgspecError, LullError, UnicodeDecodeError):
            continue
        assert asyncio.run(_read(reading, frames.pack(found))) == found


async def _read(reading: Callable[..., object], data: bytes) -> object:
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    return await reading(stream)


def proxy(data: bytes) -> None:
    """What stands before a connection through a proxy."""
    stream = io.BytesIO(data)

    async def take(size: int) -> bytes:
        found = stream.read(size)
        if len(found) < size:
            raise EOFError
        return found

    try:
        assert asyncio.run(spoken_for(take, "192.0.2.1"))
    except (WireError, EOFError):
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (message, answer, rules, own_rule, config, http, request, frame, proxy)
}


def timed(target: Callable[[bytes], None], data: bytes) -> None:
    """The same, and not for long."""
    began = time.process_time()  # not of the clock: others may have the processor
    target(data)
    took = time.process_time() - began
    assert took < SLOW, f"it took {took:.2f} s"
