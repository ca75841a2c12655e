"""The texts that values are written in: durations, endpoints, networks. Pure, text in, value out.

Each function raises TextError with a sentence that says what is wrong and what to write.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re

from resolver.config.values import Address, Asker, Crowd, Endpoint, Network, Size, Window
from resolver.errors import TextError

_SHOWN = 80
_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile("".join(f"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS))
_SECONDS = re.compile(r"[0-9]{1,10}")
_LONGEST = 100 * 365 * 86400
_HOST_PORT = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):([0-9]{1,5})")
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?")
_ALWAYS = "always"
_SHORTEST_WINDOW, _LONGEST_WINDOW = 60, 86400
_SIZES = {"TB": 10**12, "GB": 10**9, "MB": 10**6}
_SIZE = re.compile(r"([0-9]{1,6}) ?(MB|GB|TB)", re.IGNORECASE)
_SMALLEST = 50 * 10**6


def plain(text: str, longest: int = _SHOWN) -> str:
    """The text, cut short, with nothing that a terminal would act on."""
    cut = text if len(text) <= longest else text[:longest] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def shown(text: str) -> str:
    """The same in quotation marks, as messages show it."""
    return f'"{plain(text)}"'


def duration(text: str) -> float:
    """Seconds from "10s", "5m", "12h", "30d", "2w", "1h30m" or a whole number of seconds."""
    text = text.strip()
    if _SECONDS.fullmatch(text):
        seconds = int(text)
    elif text and (match := _DURATION.fullmatch(text)):
        seconds = sum(int(count or 0) * unit for count, unit in zip(match.groups(), _UNITS.values(), strict=True))
    else:
        raise TextError(f"{shown(text)} is not a duration: write 10s, 5m, 12h, 30d, 2w or 1h30m")
    if seconds > _LONGEST:
        raise TextError(f"{shown(text)} is longer than 100 years")
    return float(seconds)


def show_duration(seconds: float) -> str:
    """The text of a duration, to the nearest second: the inverse of `duration` for whole seconds."""
    rest = max(0, round(seconds))
    parts = []
    for unit, size in _UNITS.items():
        if rest >= size and (unit != "w" or rest % size == 0):
            parts.append(f"{rest // size}{unit}")
            rest %= size
    return "".join(parts) or "0s"


def size(text: str) -> Size:
    """Bytes from "500MB", "2GB", "1TB" (powers of ten), or "0" for no limit; 50MB at least."""
    text = text.strip()
    if text == "0":
        return Size(0)
    if not (match := _SIZE.fullmatch(text)):
        raise TextError(f"{shown(text)} is not a size: write 500MB or 2GB; 0 is no limit")
    found = int(match[1]) * _SIZES[match[2].upper()]
    if found < _SMALLEST:
        raise TextError(f"{shown(text)} is too little: at least {show_size(_SMALLEST)}; 0 is no limit")
    return Size(found)


def show_size(bytes: int) -> str:
    """The text of a size in whole megabytes: the inverse of `size`."""
    if not bytes:
        return "0"
    unit, size = next((unit, size) for unit, size in _SIZES.items() if bytes % size == 0 or unit == "MB")
    return f"{bytes // size}{unit}"


def window(text: str) -> Window | None:
    """Seconds from a minute to a day; None for always."""
    if text.strip() == _ALWAYS:
        return None
    try:
        seconds = int(duration(text))
    except TextError as error:
        raise TextError(f"{error}; or {_ALWAYS}") from None
    if not _SHORTEST_WINDOW <= seconds <= _LONGEST_WINDOW:
        raise TextError(f"{shown(text)} is not a window from 1m to 24h; or write {_ALWAYS}")
    return Window(seconds)


def show_window(seconds: float | None) -> str:
    return _ALWAYS if seconds is None else show_duration(seconds)


def is_address(text: str) -> bool:
    """Whether text is an IPv4 or IPv6 address."""
    with contextlib.suppress(TextError):
        return bool(address(text))
    return False


def address(text: str) -> Address:
    """An IPv4 or IPv6 address; an IPv6 one may have a zone (fe80::1%eth0, RFC 4007 section 11)."""
    with contextlib.suppress(ValueError):
        if _ADDRESS.fullmatch(text):
            return ipaddress.ip_address(text)
    raise TextError(f"{shown(text)} is not an IP address")


def endpoint(text: str) -> Endpoint:
    """Where to listen: HOST:PORT or [V6]:PORT, addresses only."""
    match = _HOST_PORT.fullmatch(text)
    if match is None:
        raise TextError(_endpoint_advice(text))
    bracketed, bare, port = match.groups()
    if bare in {"", "*", "localhost"}:
        likely = "127.0.0.1" if bare == "localhost" else "0.0.0.0"  # noqa: S104 - advice, not a socket
        raise TextError(f'{shown(text)} has no IP address; did you mean "{likely}:{port}"?')
    return Endpoint(host_of(bracketed, bare, text), port_of(port, text))


def _endpoint_advice(text: str) -> str:
    with contextlib.suppress(TextError):
        host = address(text.strip("[]"))
        example = Endpoint(str(host), 53)
        return f'{shown(text)} has no port; write the address and a port, such as "{example}"'
    head, _, port = text.rpartition(":")
    with contextlib.suppress(TextError):
        return f'{shown(text)}: an IPv6 address stands in brackets; did you mean "[{address(head)}]:{port}"?'
    return f'{shown(text)} is not ADDRESS:PORT, such as "127.0.0.1:53" or "[::1]:53"'


def host_of(bracketed: str | None, bare: str | None, text: str) -> str:
    """Canonical text of the address in a host:port text; brackets are for IPv6 and only for it."""
    host = bare if bracketed is None else bracketed
    try:
        found = address(host or "")
    except TextError:
        raise TextError(f"{shown(text)}: {shown(host or '')} is not an IP address; names cannot be used here") from None
    if found.version == 4 and bracketed is not None:
        raise TextError(f"{shown(text)}: brackets are for IPv6 addresses; write {found} without them")
    return str(found)


def port_of(digits: str, text: str) -> int:
    """The number of a port in a text."""
    port = int(digits)
    if not 1 <= port <= 65535:
        raise TextError(f"{shown(text)}: port {port} does not exist; ports are 1 to 65535")
    return port


def network(text: str) -> Network:
    """A client or clients: an address (a network of one) or ADDRESS/LENGTH with no bits set after LENGTH."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        pass
    with contextlib.suppress(ValueError):
        wide = ipaddress.ip_network(text, strict=False)
        raise TextError(f'{shown(text)} has bits set after its length; did you mean "{wide}"?')
    raise TextError(f'{shown(text)} is not an address or a network, such as "192.0.2.20" or "198.51.100.0/24"')


def asker(text: str) -> Asker:
    """Who may ask: an address, a network, or one of the words private and any."""
    if text in set(Crowd):
        return Crowd(text)
    try:
        return network(text)
    except TextError as error:
        hint = "" if "/" in text else ", or private or any"
        raise TextError(f"{error}{hint}") from None
