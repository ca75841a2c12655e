"""The modifiers of an adblock rule, `$name,name=value,…` → conditions, what is said, and the rank of the rule."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar, get_args

from msgspec.structs import replace

from resolver.config.values import Tag
from resolver.errors import TextError
from resolver.rules import rewrite
from resolver.rules.normal import normal
from resolver.rules.rule import Options, Reason, Skip
from resolver.wire import zone

_T = TypeVar("_T", int, str)

_AFTER_REGEX = re.compile(r"/\$(?=[a-z0-9_~])")  # nothing can follow the end of the text in an expression
_NAME = re.compile(r"[^=,]*")
_VALUE = re.compile(r"(?:[^,\\]+|\\.?)*+", re.DOTALL)
_ONE = r"""(~?)(?:'((?:[^'\\]+|\\.)*+)'|"((?:[^"\\]+|\\.)*+)"|((?!['"])(?:[^,|\\]+|\\.?)*+))"""  # a client
_CLIENTS = re.compile(rf"{_ONE}(?:\|{_ONE})*+", re.DOTALL)
_CLIENT = re.compile(rf"{_ONE}(?:(\|)|\Z)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MAC = re.compile(r"[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}")
_ADDRESS = re.compile(r"(?=.*[.:])[0-9a-f:.]{2,45}(?:/[0-9]{1,3})?")
_TAGS = frozenset(get_args(Tag))
_NAME_ITSELF = frozenset(("all", "doc", "document"))
_OF_BROWSERS = """
    third-party 3p first-party 1p strict-third-party strict3p strict-first-party strict1p match-case domain from to
    app method header network noop permissions reason top ipaddress cname sitekey
    all doc document popup popunder script stylesheet css image object object-subrequest subdocument frame
    xmlhttprequest xhr media font websocket webrtc webtransport webbundle ping beacon other background
    inline-script inline-font csp_report fetch speculative
    elemhide ehide generichide ghide specifichide shide genericblock jsinject urlblock content extension stealth
    collapse donottrack
    csp cookie replace redirect redirect-rule rewrite empty mp4 hls jsonprune xmlprune addheader removeheader
    responseheader requestheader removeparam queryprune urltransform uritransform urlskip referrerpolicy trustedtypes
    """
_BROWSER = frozenset(_OF_BROWSERS.split())
"""What AdGuard, uBlock Origin and Adblock Plus know in browsers, where a rule is about a request and not a name."""


class Modifiers(NamedTuple):
    """What the modifiers of a rule say. `options` is None when there are neither conditions nor a `$dnsrewrite`;
    their frame is left empty."""

    important: bool = False
    badfilter: bool = False
    rewrites: bool = False
    options: Options | None = None

    @property
    def narrowed(self) -> bool:
        """Whether some questions are left out."""
        return self.options is not None and replace(self.options, says=None) != _UNCONDITIONAL


NONE = Modifiers()
_UNCONDITIONAL = Options()


def split(text: str) -> tuple[str, str | None]:
    """A rule without its `@@` → its pattern, and its modifiers without the `$` (None: it has none).

    They begin after the last `$` without a backslash before it; an expression in slashes is all pattern.
    """
    if "$" not in text:
        return text, None
    if text[0] == "/":
        end = _AFTER_REGEX.search(text, 1)
        if end is not None:
            return text[: end.start() + 1], text[end.end() :].replace(r"\$", "$")
        if text[-1] == "/":
            return text, None
    at = text.rfind("$")
    while at > 0 and text[at - 1] == "\\":
        at = text.rfind("$", 0, at)
    return (text, None) if at < 0 else (text[:at], text[at + 1 :].replace(r"\$", "$"))


def read(text: str, *, excepts: bool) -> Modifiers | Skip:
    """What modifiers say; of the same one twice, the last. `excepts` is for a rule with `@@`, where `$dnsrewrite` needs
    no value."""
    options = _UNCONDITIONAL
    seen = set()
    try:
        for name, value in _each(text):
            condition = _CONDITIONS.get(name)
            if condition is not None:
                options = condition(options, value or "")
            elif name not in _FLAGS:
                return Skip(Reason.NOT_DNS if _is_of_browsers(name) else Reason.MODIFIER)
            elif value is not None:
                return Skip(Reason.VALUE)
            seen.add(name)
    except TextError:
        return Skip(Reason.VALUE)
    rewrites = "dnsrewrite" in seen
    if not seen or (rewrites and not excepts and options.says is None):
        return Skip(Reason.VALUE if rewrites else Reason.MODIFIER)
    given = options if rewrites or options != _UNCONDITIONAL else None
    return Modifiers("important" in seen, "badfilter" in seen, rewrites, given)


def _is_of_browsers(name: str) -> bool:
    return name.removeprefix("~") in _BROWSER or set(name) == {"_"}  # `_`, as often as one likes, only fills space


def _each(text: str) -> Iterator[tuple[str, str | None]]:
    """Name and value (None: without `=`) of each modifier. Raises TextError for quotation marks in a wrong place."""
    at = 0
    while at < len(text):
        found = _NAME.match(text, at)
        assert found is not None
        name, value, at = found[0].strip(), None, found.end()
        if text.startswith("=", at):
            found = (_CLIENTS if name == "client" else _VALUE).match(text, at + 1)
            if found is None or text[found.end() : found.end() + 1] not in {"", ","}:
                raise TextError(f"{text[at : at + 80]!r}: quotation marks must enclose all of a client")
            value, at = found[0], found.end()
        at += 1
        if name or value:
            yield name, value


def _sides(items: Iterable[tuple[bool, str]], read: Callable[[str], _T]) -> tuple[tuple[_T, ...], tuple[_T, ...]]:
    """What is meant and what is left out, each sorted and without copies."""
    sides: tuple[set[_T], set[_T]] = (set(), set())
    for left_out, text in items:
        sides[left_out].add(read(text))
    return tuple(sorted(sides[0])), tuple(sorted(sides[1]))


def _items(value: str) -> Iterator[tuple[bool, str]]:
    for text in value.split("|"):
        yield text.startswith("~"), text.removeprefix("~").strip()


def _types(options: Options, value: str) -> Options:
    types, not_types = _sides(_items(value), zone.type_number)
    return replace(options, types=types, not_types=not_types)


def _denyallow(options: Options, value: str) -> Options:
    names, left_out = _sides(_items(value), _name)
    if left_out:
        raise TextError("denyallow leaves names out by itself; it takes no ~")
    return replace(options, denyallow=names)


def _clients(options: Options, value: str) -> Options:
    clients, not_clients = _sides(_quoted(value), _client)
    return replace(options, clients=clients, not_clients=not_clients)


def _tags(options: Options, value: str) -> Options:
    tags, not_tags = _sides(_items(value), _tag)
    return replace(options, tags=tags, not_tags=not_tags)


def _rewrite(options: Options, value: str) -> Options:
    text = value.replace(r"\,", ",").strip()
    return replace(options, says=rewrite.saying(text) if text else None)


def _name(text: str) -> str:
    name = normal(text)
    if name is None:
        raise TextError(f"{text[:80]!r} is not a name")
    return name


def _tag(text: str) -> str:
    if text not in _TAGS:
        raise TextError(f"{text[:80]!r} is not a tag of a device")
    return text


def _quoted(value: str) -> Iterator[tuple[bool, str]]:
    """The clients of a value, without their quotation marks and backslashes."""
    at: int | None = 0
    while at is not None:
        found = _CLIENT.match(value, at)
        if found is None:
            raise TextError(f"{value[at : at + 80]!r} is not a client")
        left_out, single, double, bare, more = found.groups()
        text = single or double or (bare or "").strip()
        yield bool(left_out), _ESCAPED.sub(r"\1", text)
        at = found.end() if more else None


def _client(text: str) -> str:
    """An address, a network or a MAC address in canonical text, or a name in lower case."""
    lower = text.lower()
    if not lower:
        raise TextError("a client is missing")
    if _MAC.fullmatch(lower) is not None:
        return lower.replace("-", ":")
    if _ADDRESS.fullmatch(lower) is None:
        return lower
    try:
        network = ipaddress.ip_network(lower, strict=False)
    except ValueError:
        return lower
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)


_CONDITIONS: Mapping[str, Callable[[Options, str], Options]] = {
    "dnstype": _types,
    "denyallow": _denyallow,
    "client": _clients,
    "ctag": _tags,
    "dnsrewrite": _rewrite,
}
_FLAGS = _NAME_ITSELF | {"important", "badfilter"}
