"""The data of a record in a response policy zone: what it makes of its owner (draft-vixie-dnsop-dns-rpz)."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable, Sequence

from resolver.config.records import record
from resolver.errors import DomainError, TextError
from resolver.model import Drop, Nodata, Nxdomain, Type
from resolver.rules.rule import Action, Datum, Options, Saying
from resolver.wire import name as names

LONGEST_SHOWN = 100
"""Characters of data that a rule is shown with."""

_LONGEST_KEPT = 1024  # characters of data that are remembered with their answer; longer data can only be text
_LONGEST_STRINGS = 65_000  # bytes of a TXT record that still fits a message with its header, question and owner
_ACTIONS: dict[str, tuple[Action, Saying | None]] = {
    ".": (Action.BLOCK, Nxdomain()),
    "*.": (Action.BLOCK, Nodata()),
    "rpz-passthru.": (Action.EXEMPT, None),
    "rpz-drop.": (Action.BLOCK, Drop()),
}
_RESERVED = re.compile(r"rpz-[^.]*|(?:.*\.)?rpz-[^.]*\.|\*.*", re.DOTALL)
_SVCB = 64  # has the same data as HTTPS (RFC 9460 section 2)
_TARGETS = {"HTTPS": 1, "MX": 1, "PTR": 0, "SRV": 3}  # which word of the data is a name
_OTHERS = frozenset(("CAA", "HTTPS", "MX", "PTR", "SRV", "SSHFP", "TLSA"))
_ESCAPE = re.compile(rb"\\(?:([0-9]{3})|(.))", re.DOTALL)


def answer(type: str, data: tuple[str, ...], origin: str, trigger: str, before: str) -> tuple[Action, Options] | None:
    """What a record does, and how it is shown; None when it says nothing here.

    `type` is a mnemonic, `data` the words of its text (strings with their quotation marks), relative to `origin` (""
    for none). `trigger` is the owner; `before` is what stands before its name when the rule is shown ("*." or "").
    """
    short = sum(map(len, data)) <= _LONGEST_KEPT
    if type == "TXT" and not short:
        return _datum.__wrapped__(type, data, origin, before)
    if not short:
        return None
    if type != "CNAME":
        return _datum(type, data, origin, before)
    if len(data) != 1:
        return None
    target = _absolute(data[0].lower(), origin)
    own = (trigger + ".", trigger.removesuffix(".rpz-ip") + ".")
    if target in own and target[0] != "*":  # how it was written before there was rpz-passthru
        return Action.EXEMPT, Options(frame=(before, f" CNAME {_cut(target)}"))
    return _cname(data[0].lower(), target, before)


@functools.lru_cache(maxsize=1024)
def _cname(written: str, target: str, before: str) -> tuple[Action, Options] | None:
    frame = (before, f" CNAME {_cut(target)}")
    known = _ACTIONS.get(target)
    if known is not None:
        return known[0], Options(says=known[1], frame=frame)
    # Left: rpz-tcp-only and whatever else is reserved, one of these without its final dot, and wildcards, which would
    # have to be filled in with the name asked for.
    if _RESERVED.fullmatch(written) or _RESERVED.fullmatch(target):
        return None
    try:
        return Action.BLOCK, Options(says=Datum(int(Type.CNAME), names.from_text(target)), frame=frame)
    except DomainError:
        return None


@functools.lru_cache(maxsize=1024)
def _datum(type: str, data: tuple[str, ...], origin: str, before: str) -> tuple[Action, Options] | None:
    try:
        says = _READERS.get(type, _other)(type, data, origin)
    except (DomainError, TextError, ValueError):
        return None
    return Action.BLOCK, Options(says=says, frame=(before, f" {type} {_cut(' '.join(data))}"))


def _v4(_: str, data: Sequence[str], __: str) -> Datum:
    (address,) = data
    return Datum(int(Type.A), ipaddress.IPv4Address(address).packed)


def _v6(_: str, data: Sequence[str], __: str) -> Datum:
    (address,) = data
    if "%" in address:
        raise ValueError(address)
    return Datum(int(Type.AAAA), ipaddress.IPv6Address(address).packed)


def _txt(_: str, data: Sequence[str], __: str) -> Datum:
    strings = [_string(word) for word in data]
    rdata = b"".join([bytes((len(string),)) + string for string in strings])
    if not 0 < len(rdata) <= _LONGEST_STRINGS:
        raise ValueError("no text, or too much")
    return Datum(int(Type.TXT), rdata)


def _string(word: str) -> bytes:
    """One character string (RFC 1035 section 5.1). Raises ValueError over 255 bytes."""
    text = word[1:-1] if word[0] == '"' else word
    string = _ESCAPE.sub(_unescape, text.encode(errors="replace"))
    if len(string) > 255:
        raise ValueError("a string longer than 255 bytes")
    return string


def _unescape(match: re.Match[bytes]) -> bytes:
    digits, other = match.groups()
    return bytes((int(digits),)) if digits else other


def _svcb(_: str, data: Sequence[str], origin: str) -> Datum:
    return Datum(_SVCB, _other("HTTPS", data, origin).rdata)


def _other(type: str, data: Sequence[str], origin: str) -> Datum:
    if type not in _OTHERS:
        raise ValueError(type)
    words = list(data)
    at = _TARGETS.get(type, len(words))
    if at < len(words):
        words[at] = _absolute(words[at], origin)
    found = record(f". {type} {' '.join(words)}")
    return Datum(found.type, found.rdatas[0])


_READERS: dict[str, Callable[[str, Sequence[str], str], Datum]] = {"A": _v4, "AAAA": _v6, "TXT": _txt, "SVCB": _svcb}


def _absolute(text: str, origin: str) -> str:
    """A name in data, with its final dot."""
    if text.endswith("."):
        return text
    if text == "@":
        return origin + "."
    return f"{text}.{origin}." if origin else text + "."


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
