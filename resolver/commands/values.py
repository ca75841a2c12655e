"""The values that people type, as argparse reads them. Each raises ArgumentTypeError with a sentence."""

from __future__ import annotations

import contextlib
import re
import time
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TypeVar

from resolver.admin import moments
from resolver.config import leaves
from resolver.config.names import plain_in
from resolver.config.values import Endpoint
from resolver.errors import LullError, TextError
from resolver.wire import name
from resolver.wire.zone import rcode_number, type_number

T = TypeVar("T")

_LONGEST_CLIENT = 64
_LONGEST_COMMENT = 500
_SHORT = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)(ms|s|)")


def typed(parse: Callable[[str], T]) -> Callable[[str], T]:
    """A function that raises LullError as one that argparse understands."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except LullError as error:
            raise ArgumentTypeError(str(error)) from error

    return read


def _text(given: str) -> str:
    try:
        given.encode()
    except UnicodeEncodeError:
        raise TextError(f"{leaves.shown(given)} is not UTF-8") from None
    return given


def _domain(given: str) -> str:
    reverse = given.lower().rstrip(".").endswith(".arpa")  # where names have a / (RFC 2317)
    if "://" in given or ("/" in given and not reverse):
        bare = plain_in(given)
        raise TextError(f"{leaves.shown(given)} is no name" + (f'; did you mean "{bare}"?' if bare else ""))
    return name.to_text(name.from_text(given))


def _comment(given: str) -> str:
    if len(_text(given)) > _LONGEST_COMMENT:
        raise TextError(f"a comment has {_LONGEST_COMMENT} characters at most, not {len(given):,}")
    return given


def _span(given: str) -> str:
    """A duration in its normal form: a bare number would be a moment in time to the API."""
    seconds = leaves.duration(given)
    if seconds <= 0:
        raise TextError(f"{leaves.shown(given)} is no time at all: write 10m, 1h30m or 7d")
    return leaves.show_duration(seconds)


def _window(given: str) -> str:
    """For how long after the last look at a site, in its normal form."""
    return leaves.show_window(leaves.window(given))


def _client(given: str) -> str:
    """A device by its address (in normal form), MAC address or name: which of them there are, the daemon knows."""
    given = _text(given).strip()
    if leaves.is_address(given):
        return str(leaves.address(given))
    if not given or len(given) > _LONGEST_CLIENT or not given.isprintable():
        raise TextError(f"{leaves.shown(given)} is neither an address nor a MAC address nor the name of a device")
    return given


def _moment(given: str) -> str:
    """What somebody means by the clocks here; those where the daemon runs may show something else."""
    return moments.absolute(_text(given), time.time())


def _past(given: str) -> str:
    """A moment in the past, by the clocks here, or how long ago it was; in a form that every machine understands."""
    with contextlib.suppress(TextError):
        return _span(given)
    now = time.time()
    word = _text(given).strip().lower()
    if word.startswith("+"):
        raise TextError(f"{leaves.shown(given)} is not in the past")
    try:
        return moments.absolute(word, now - (7 if word[:1].isalpha() else 1) * 86_400)
    except TextError:
        advice = 'write 24h, "21:30", "mon 21:30" or "2026-11-23 07:00"'
        raise TextError(f"{leaves.shown(given)} is not a moment in the past: {advice}") from None


def _milliseconds(given: str) -> float:
    """From "50ms", "2s", "1.5s" or "50", which is of milliseconds too."""
    match = _SHORT.fullmatch(given.strip())
    if match is None:
        raise TextError(f"{leaves.shown(given)} is not a short time: write 50ms or 2s")
    return float(match[1]) * (1000 if match[2] == "s" else 1)


def _rcode(given: str) -> str:
    rcode_number(given)
    return given.upper()


def _number(given: str) -> int:
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise TextError(f"{leaves.shown(given)} is not a number")
    return int(given)


def _type(given: str) -> str:
    type_number(given)
    return given.upper()


def _count(given: str) -> int:
    if not given.isascii() or not given.isdecimal() or not 0 < int(given[:10]) <= 100_000:
        raise TextError(f"{leaves.shown(given)} is not a number from 1 to 100000")
    return int(given)


def _days(given: str) -> int:
    if not given.isascii() or not given.isdecimal() or len(given) > 2 or not 0 < int(given) <= 90:
        raise TextError(f"{leaves.shown(given)} is not a number of days from 1 to 90")
    return int(given)


def _server(given: str) -> Endpoint:
    """ADDRESS, ADDRESS:PORT, [V6]:PORT, NAME or NAME:PORT; the port is 53 unless given."""
    with contextlib.suppress(TextError):
        return Endpoint(str(leaves.address(given.removeprefix("[").removesuffix("]"))), 53)
    with contextlib.suppress(TextError):
        return leaves.endpoint(given)
    host, colon, port = given.partition(":")
    host = _domain(host)
    if colon and not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise TextError(f"{leaves.shown(given)} is not HOST or HOST:PORT; IPv6 with a port is [::1]:53")
    return Endpoint(host, int(port) if colon else 53)


text = typed(_text)
domain = typed(_domain)
comment = typed(_comment)
span = typed(_span)
window = typed(_window)
client = typed(_client)
moment = typed(_moment)
past = typed(_past)
milliseconds = typed(_milliseconds)
rcode = typed(_rcode)
number = typed(_number)
rr_type = typed(_type)
count = typed(_count)
days = typed(_days)
server = typed(_server)
