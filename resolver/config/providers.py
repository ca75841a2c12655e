"""Upstreams that a config names in one word: providers (`blocklists/upstreams.yaml`), and `system`, which is whom this
machine asks itself. They become upstreams of their own before a config is in force."""

from __future__ import annotations

import contextlib
import ipaddress
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import msgspec

from resolver.config import data
from resolver.config.leaves import shown
from resolver.config.read import likely
from resolver.config.upstreams import upstream
from resolver.config.values import Endpoint, Upstream
from resolver.errors import ListError, TextError
from resolver.paths import PRODUCT, shipped

SYSTEM = "system"
RESOLV_CONF = pathlib.Path("/etc/resolv.conf")
_ID = "{id}"
_NAMESERVER = re.compile(r"^\s*nameserver\s+(\S+)", re.MULTILINE)
_LARGEST = 1 << 16

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public resolver. `{id}` in its `url` is the person's own part; `addresses` are where the name in it is."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: _Text
    home: _Text
    url: _Text
    blocks: _Text
    logs: _Text
    addresses: tuple[str, ...] = ()

    @property
    def personal(self) -> bool:
        """Whether it wants an ID."""
        return _ID in self.url

    def upstreams(self, id: str = "") -> tuple[Upstream, ...]:
        """One for each of its addresses; one by name when it has none. Raises TextError."""
        found = upstream(self.url.replace(_ID, id))
        host = f"://{found.host}"
        urls = [f"{found.url.replace(host, f'://{one}', 1)}#{found.host}" for one in self.addresses]
        return tuple(map(upstream, urls)) or (found,)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    upstreams: list[Provider]


def load(directory: pathlib.Path | None = None) -> Mapping[str, Provider]:
    """The providers that ship with Lull, by id, in the order of the file. Raises ListError when it cannot be used."""
    path = (directory or shipped("blocklists")) / "upstreams.yaml"
    try:
        read = msgspec.convert(data.tree(path), _File).upstreams
        unusable = [one.url for one in read if any(found.transport == "named" for found in one.upstreams("x"))]
    except (msgspec.ValidationError, TextError) as error:
        raise ListError(f"{path}: {error}") from error
    by_id = {one.id: one for one in read}
    if unusable or len(by_id) < len(read) or SYSTEM in by_id:
        raise ListError(f'{path}: an id is given twice or is "{SYSTEM}", or a url is none: {", ".join(unusable)}')
    return by_id


def wrong(named: Upstream, providers: Mapping[str, Provider]) -> str:
    """What is wrong with an upstream that is a word; empty if nothing is."""
    word, colon, id = named.url.partition(":")
    if word == SYSTEM:
        return f"{SYSTEM} has no ID; remove {shown(colon + id)}" if colon else ""
    provider = providers.get(word)
    if provider is None:
        there = f"; `{PRODUCT} upstreams` shows what there is, and one of your own is a URL, such as udp://192.0.2.53"
        return f"there is no provider {shown(word)}{likely(word, (*providers, SYSTEM)) or there}"
    if provider.personal and not id:
        return f"{word} needs your ID: write {word}:ID, with the ID that {provider.home} shows you"
    return f"{word} has no ID; remove {shown(colon + id)}" if colon and not provider.personal else ""


def meant(
    upstreams: Iterable[Upstream], providers: Mapping[str, Provider], own: Iterable[Endpoint]
) -> tuple[Upstream, ...]:
    """The upstreams with what words mean in their place; words that are wrong mean nothing. `own` is where Lull itself
    answers."""
    return tuple({one.url: one for given in upstreams for one in _meant(given, providers, own)}.values())


def _meant(given: Upstream, providers: Mapping[str, Provider], own: Iterable[Endpoint]) -> Iterable[Upstream]:
    if given.transport != "named":
        return (given,)
    word, _, id = given.url.partition(":")
    if word == SYSTEM:
        return system(own)
    return providers[word].upstreams(id) if word in providers else ()


def system(own: Iterable[Endpoint], path: pathlib.Path | None = None) -> list[Upstream]:
    """Whom this machine asks (RESOLV_CONF), without Lull itself."""
    try:
        with (path or RESOLV_CONF).open(encoding="utf-8", errors="replace") as file:
            text = file.read(_LARGEST)
    except OSError:
        return []
    mine = set(_addresses(own))
    return [one for one in _nameservers(text) if (one.host, one.port) not in mine]


def _nameservers(text: str) -> Iterator[Upstream]:
    for address in _NAMESERVER.findall(text):
        with contextlib.suppress(TextError):
            found = upstream(f"udp://[{address}]" if ":" in address else f"udp://{address}")
            if found.addressed:
                yield found


def _addresses(own: Iterable[Endpoint]) -> Iterator[tuple[str, int]]:
    """Where Lull answers; for every address also the loopback ones, by which resolv.conf would mean it."""
    for endpoint in own:
        yield endpoint.host, endpoint.port
        if ipaddress.ip_address(endpoint.host).is_unspecified:
            yield from ((loopback, endpoint.port) for loopback in ("127.0.0.1", "::1"))
