"""What upstreams are called in metrics, which are kept for long and read by many: without what is one's own about them.

A URL may hold a person's id at a provider: in its path, its options, or as the first label of a host's name.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable

from resolver.config.leaves import is_address

_LABELS = 3  # of a host's name that say whose it is: dns.example.net
_HIDDEN = "*."


def upstream_labels(urls: Iterable[str]) -> dict[str, str]:
    """Scheme, host and port of each URL, told apart by a number in brackets where that is not enough."""
    found: dict[str, str] = {}
    for url in urls:
        plain = _plain(url)
        label, number = plain, 1
        while label in found.values():
            number += 1
            label = f"{plain} ({number})"
        found[url] = label
    return found


def _plain(url: str) -> str:
    scheme, _, rest = url.partition("://")
    place = rest.partition("/")[0].partition("?")[0].partition("#")[0].rpartition("@")[2]
    if not place or not place.isprintable() or not scheme.isalnum():
        return "unknown"
    host, port = _split(place)
    if not is_address(host.strip("[]")):
        labels = host.split(".")
        host = host if len(labels) <= _LABELS else _HIDDEN + ".".join(labels[-_LABELS:])
    return f"{scheme}://{host}{port}"


def _split(place: str) -> tuple[str, str]:
    """A host, as it stands there, and its port with the colon before it; "" without one."""
    try:
        port = urllib.parse.urlsplit(f"//{place}").port
    except ValueError:
        return place.partition(":")[0], ""
    return (place, "") if port is None else (place.removesuffix(f":{port}"), f":{port}")
