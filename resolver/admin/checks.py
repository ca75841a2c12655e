"""What people give as text, made values. Each function raises ApiError with a sentence that says what is wrong."""

from __future__ import annotations

import contextlib
import re
from typing import Literal

from resolver.admin import moments
from resolver.config.leaves import duration, shown
from resolver.config.values import OwnRule
from resolver.errors import ApiError, DomainError, RuleError, TextError
from resolver.policy.clients import parse_address
from resolver.rules import ownrule as own
from resolver.store.filters import ANY
from resolver.wire.name import from_text, to_text
from resolver.wire.zone import rcode_number, type_number

LONGEST = 366 * 86_400
"""Seconds that a rule or a pause with an end may last."""

_LIST = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_UNIX = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?")


def domain_name(text: str, path: str = "name") -> str:
    """A name in normal text form."""
    if "://" in text:
        raise ApiError(400, "invalid", f"{shown(text)} is a URL; give the name in it alone", path)
    try:
        return to_text(from_text(text.strip()))
    except DomainError as error:
        raise ApiError(400, "invalid", str(error), path) from error


def rule(action: Literal["allow", "deny"], name: str, text: str, *, exact: bool) -> OwnRule:
    """The rule that is meant by one of a name and the text of a line of a list; what can never match is refused."""
    if bool(name) is bool(text):
        raise ApiError(400, "invalid", "give one of name and text", "name")
    path = "name" if name else "text"
    try:
        made = own.made(action, name or text, exact=exact)
    except RuleError as error:
        raise ApiError(400, "invalid", str(error), path) from error
    if name and made.name != domain_name(name):  # a name that was asked for may look like the line of a list
        raise ApiError(400, "invalid", f"{shown(name)} is not a name; what a line of a list says goes into text", path)
    return made


def address(text: str) -> str:
    """A client's address in normal form."""
    try:
        return str(parse_address(text.strip()))
    except ValueError as error:
        raise ApiError(400, "invalid", f"{shown(text)} is not an IP address", "client") from error


def seconds(given: str | int) -> float:
    """For how long: a duration such as "10m", or seconds."""
    try:
        length = given if isinstance(given, int) else duration(given)
    except TextError as error:
        raise ApiError(400, "invalid", str(error), "for") from error
    if not 0 < length <= LONGEST:
        raise ApiError(400, "invalid", "a duration is more than nothing and at most a year", "for")
    return float(length)


def moment(text: str, now: float) -> float:
    """A moment, as Unix time."""
    try:
        return moments.moment(text, now)
    except TextError as error:
        raise ApiError(400, "invalid", str(error), "at") from error


def shadow(text: str) -> str:
    """The id of a shadow list, or the sign for any of them."""
    if text != ANY and not _LIST.fullmatch(text):
        message = f"{shown(text)} is not the id of a list; {ANY} stands for every shadow list"
        raise ApiError(400, "invalid", message, "shadow")
    return text


def since(text: str, now: float, path: str = "since") -> float:
    """A moment in the past, as Unix time: given as that, as a duration before `now`, or with its offset from UTC
    (RFC 3339)."""
    text = text.strip()
    if _UNIX.fullmatch(text):
        return float(text)
    with contextlib.suppress(TextError):
        return now - duration(text)
    with contextlib.suppress(TextError):
        if "T" in text.upper():
            return moments.moment(text, now)
    message = f"{shown(text)} is neither a duration such as 24h, nor Unix time in seconds, nor 2026-11-23T07:00:00Z"
    raise ApiError(400, "invalid", message, path)


def plain(text: str, path: str) -> str:
    """Text that the log may hold: what cannot be printed is never in it."""
    if not text.isprintable():
        raise ApiError(400, "invalid", f"{shown(text)} holds a character that cannot be printed", path)
    return text


def rr_type(text: str) -> int:
    """An RR type by its mnemonic, or TYPE123."""
    try:
        return type_number(plain(text, "type"))
    except TextError as error:
        raise ApiError(400, "invalid", str(error), "type") from error


def rcode(text: str) -> int:
    """A response code by its name, or RCODE6."""
    try:
        return rcode_number(plain(text, "rcode"))
    except TextError as error:
        raise ApiError(400, "invalid", str(error), "rcode") from error
