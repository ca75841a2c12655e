"""The URLs of upstream resolvers: udp, tcp, tls, https, h3 and quic, with their options, and sdns stamps of these.

    udp://HOST[:53]                tls://HOST[:853][#NAME]             https://HOST[:443][/dns-query][#NAME]
    tcp://HOST[:53]                quic://HOST[:853][#NAME]            h3://HOST[:443][/dns-query][#NAME]

    …?bootstrap=ADDRESS,…&pin=sha256//…&method=get

A worker reads the same URLs by the same function: they are how a bundle says whom to ask. Pure; each function raises
TextError with a sentence that says what is wrong and what to write.
"""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import re
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from msgspec.structs import replace

from resolver.config import stamps
from resolver.config.leaves import address, host_of, port_of, shown
from resolver.config.values import Endpoint, Upstream
from resolver.errors import DomainError, TextError
from resolver.wire import name

_Transport = Literal["udp", "tcp", "tls", "https", "h3", "quic"]
_WORDS = "^[a-z][a-z0-9-]*(:[A-Za-z0-9_-]+)?$"
_SCHEMES: dict[str, _Transport] = {one: one for one in get_args(_Transport)}
_PORTS = {"udp": 53, "tcp": 53, "tls": 853, "https": 443, "h3": 443, "quic": 853}
_HTTP = {"https", "h3"}
_OPTIONS = {
    "udp": ("bootstrap",),
    "tcp": ("bootstrap",),
    "tls": ("bootstrap", "pin"),
    "https": ("bootstrap", "pin", "method"),
    "h3": ("bootstrap", "pin", "method"),
    "quic": ("bootstrap", "pin"),
}
_ALL = "udp://, tcp://, tls://, https://, h3://, quic:// or sdns://"
_STAMP = "sdns"
_KNOWN = {*_SCHEMES, _STAMP}
_LIKELY = {"dot": "tls", "doh": "https", "doq": "quic", "h2": "https", "doh3": "h3", "http": "https"}
_WORD = re.compile(_WORDS)  # a provider, with what is one's own of it
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9]*):?/*(.*)")
_REST = re.compile(r"([^/#?]*)(/[^#?]*)?((?:[#?][^#?]*)*)")
_HOST_PERHAPS_PORT = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]*))(?::([0-9]{1,5}))?")
_DIGITS = re.compile(r"[0-9.]+")  # an address, or what was one in other digits
_PATH = re.compile(r"/[!-~]*")
_DNS_QUERY = "/dns-query"
_TEMPLATE = "{?dns}"  # of RFC 8484 section 4.1, which people copy along
_PIN = "sha256//"


def _either(scheme: str) -> str:
    """A pattern for a scheme in letters of either case."""
    return "".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in scheme)


PATTERN = f"^({'|'.join(map(_either, (*_SCHEMES, _STAMP)))})://|{_WORDS}"
"""What every URL of an upstream begins with, or a word for one is, for the JSON Schema."""


def upstream(text: str) -> Upstream:
    """The resolver that a URL, a stamp or a word names. A stamp becomes the URL that says the same."""
    scheme, separator, rest = text.partition("://")
    if not separator and _WORD.fullmatch(text):
        return Upstream(text, "named", text, 0)
    if not separator:
        raise TextError(f'{shown(text)} has no "://"; did you mean {shown(_likely_upstream(text))}?')
    scheme = scheme.lower()
    if scheme == _STAMP:
        return upstream(stamps.url(text))
    if (transport := _SCHEMES.get(scheme)) is None:
        advice = f"write {_LIKELY[scheme]}://" if scheme in _LIKELY else f"use {_ALL}"
        raise TextError(f"{shown(text)}: {shown(scheme + '://')} is not a way to reach an upstream: {advice}")
    match = _REST.fullmatch(rest.replace(_TEMPLATE, "", 1))
    if match is None or not text.isprintable():
        raise TextError(f"{shown(text)} is not {_usage(transport)}")
    place, path, more = match.group(1), match.group(2) or "", match.group(3)
    found = _placed(text, transport, place)
    if transport in _HTTP:
        found = replace(found, path=_path(path, text))
    elif path not in {"", "/"}:
        raise TextError(f"{shown(text)}: {transport}:// has no path; remove {shown(path)}")
    return _optioned(found, more)


def _usage(transport: str) -> str:
    more = "" if transport in {"udp", "tcp"} else "/dns-query" if transport in _HTTP else "[#NAME]"
    return f"{transport}://HOST[:PORT]{more}"


def _placed(text: str, transport: _Transport, place: str) -> Upstream:
    match = _HOST_PERHAPS_PORT.fullmatch(place)
    if match is None:
        raise TextError(f"{shown(text)} is not {_usage(transport)}; {_advice(transport, place)}")
    bracketed, bare, port = match.groups()
    host = _host(bracketed, bare, text, transport)
    found = Upstream(text, transport, host, port_of(port or str(_PORTS[transport]), text))
    if found.addressed and ((at := ipaddress.ip_address(host)).is_unspecified or at.is_multicast):
        raise TextError(f"{shown(text)}: nobody answers at {host}; write the resolver's own address")
    return replace(found, name=host.partition("%")[0] if found.encrypted else "")


def _host(bracketed: str | None, bare: str | None, text: str, transport: _Transport) -> str:
    """An address, or a name."""
    host = bare if bracketed is None else bracketed
    if not host:
        raise TextError(f"{shown(text)}: there is no host; write {_usage(transport)}")
    if bracketed is not None or _DIGITS.fullmatch(host):
        return host_of(bracketed, bare, text)
    return _name(host, text)


def _name(host: str, text: str) -> str:
    """A host's name in normal text form."""
    try:
        found = name.to_text(name.from_text(host))
    except DomainError as error:
        raise TextError(f"{shown(text)}: {error}") from None
    if found == "." or not re.fullmatch(r"[a-z0-9_.-]+", found) or found.startswith(".") or _DIGITS.fullmatch(found):
        raise TextError(f"{shown(text)}: {shown(host)} is not the name of a host")
    return found


def _path(path: str, text: str) -> str:
    """The path of a DoH server; the usual one unless the URL has one."""
    if path in {"", "/"}:
        return _DNS_QUERY
    if not _PATH.fullmatch(path) or "{" in path:
        raise TextError(f"{shown(text)}: {shown(path)} is not the path of a DoH server, such as {_DNS_QUERY}")
    return path


def _optioned(found: Upstream, more: str) -> Upstream:
    """The upstream with what stands behind "#" (its name) and "?" (options), in any order."""
    for part in re.findall(r"[#?][^#?]*", more):
        if part[0] == "#":
            if not found.encrypted:
                raise TextError(f"{shown(found.url)}: {found.transport}:// has no name; remove {shown(part)}")
            found = replace(found, name=_certified(part[1:], found.url))
            continue
        for option in filter(None, part[1:].split("&")):
            key, _, value = option.partition("=")
            found = _option(found, key, value)
    return found


def _certified(text: str, url: str) -> str:
    """What a certificate must hold: a name or an address."""
    with contextlib.suppress(TextError):
        return str(address(text.strip("[]")))
    return _name(text, url)


def _option(found: Upstream, key: str, value: str) -> Upstream:
    known = _OPTIONS[found.transport]
    if key not in known:
        raise TextError(f"{shown(found.url)}: there is no option {shown(key)}; {_there(known)}")
    if key == "bootstrap":
        return replace(found, bootstrap=(*found.bootstrap, *_bootstraps(value, found.url)))
    if key == "pin":
        return replace(found, pins=(*found.pins, _pin(value, found.url)))
    if value not in {"get", "post"}:
        raise TextError(f"{shown(found.url)}: method is get or post, not {shown(value)}")
    return replace(found, method="get" if value == "get" else "post")


def _there(options: Sequence[str]) -> str:
    return f"there are {', '.join(options)}" if len(options) > 1 else f"there is {options[0]}"


def _bootstraps(value: str, url: str) -> Iterator[Endpoint]:
    for one in value.split(","):
        with contextlib.suppress(TextError):
            yield Endpoint(str(address(one)), 53)
            continue
        match = _HOST_PERHAPS_PORT.fullmatch(one)
        if match is None or not one:
            raise TextError(f"{shown(url)}: bootstrap is one or more addresses, such as bootstrap=9.9.9.9,2620:fe::fe")
        yield Endpoint(host_of(match[1], match[2], url), port_of(match[3] or "53", url))


def _pin(value: str, url: str) -> bytes:
    with contextlib.suppress(ValueError):
        digest = base64.b64decode(value.removeprefix(_PIN), validate=True)
        if value.startswith(_PIN) and len(digest) == 32:
            return digest
    raise TextError(f"{shown(url)}: pin is {_PIN} and the Base64 of the SHA-256 of a public key, not {shown(value)}")


def _likely_upstream(text: str) -> str:
    match = _SCHEME.fullmatch(text)
    if match and match[1].lower() in _KNOWN:
        return f"{match[1].lower()}://{match[2]}"
    with contextlib.suppress(TextError):
        return f"udp://[{text}]" if address(text).version == 6 else f"udp://{text}"
    with contextlib.suppress(TextError):
        return f"https://{_name(text.partition('/')[0], text)}{_DNS_QUERY}" if _is_name(text) else f"udp://{text}"
    return f"udp://{text}"


def _is_name(text: str) -> bool:
    """Whether a text without a scheme begins with the name of a host rather than an address."""
    return bool(re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(/.*)?", text))


def _advice(transport: str, place: str) -> str:
    with contextlib.suppress(TextError):
        return f'did you mean "{transport}://[{address(place)}]"?'
    return f'such as "{transport}://9.9.9.9" or "{transport}://[2620:fe::fe]:{_PORTS[transport]}"'
