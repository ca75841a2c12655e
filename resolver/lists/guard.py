"""What is refused before it takes the place of a good version. The one place for such rules."""

from __future__ import annotations

import codecs
import ipaddress
import pathlib
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from resolver.config.updates import Updates
from resolver.lists.canaries import Canary
from resolver.model import Client, Type
from resolver.rules.expressions import MAX_PATTERNS
from resolver.rules.report import Sample, SourceReport
from resolver.rules.rule import Action, Datum, Reason
from resolver.rules.ruleset import RuleSet, Winner

SMALL = 50
"""A list of fewer rules may grow and shrink as it likes."""

MOST_ADDRESSES = 2
"""How many per cent of all addresses a list may block."""

MOST_CLIENTS = 50
"""For how many different clients or sorts of clients a list may have rules of their own."""

_HEAD = 65_536
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?P<xml><\?xml\b[^>]*>\s*)?(?:<!--.*?-->\s*)*+"
    rb"(?:(?P<html><(?:!doctype\s+html|html|head|body|meta|title|script)\b)|(?P<tag><(?:!doctype\b|[a-z][^<>\n]*>)))?",
    re.IGNORECASE | re.DOTALL,
)
# The possessive `*+` keeps a page of many comments from being tried in every way there is.
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
_MOST_CONTROL = 50  # one byte in so many; text has none, what is packed one in ten, and a stray NUL is survived
_ANYBODY = Client("", "default")
_TYPES = (Type.A, Type.AAAA)
_SHOWN = 5
_SPACES: tuple[tuple[str, int], ...] = (  # where the world's addresses are, and how many to try of each, in bits
    ("0.0.0.0/0", 10),
    *((space, 6) for space in ("2001::/16", "2400::/12", "2600::/12", "2800::/12", "2a00::/12", "2c00::/12")),
)


class Hit(msgspec.Struct, frozen=True):
    """A canary, and the rule that would keep people from it."""

    canary: Canary
    winner: Winner


class Wide(msgspec.Struct, frozen=True):
    """How much of all addresses of a kind, in per cent, is blocked, and one of the rules that do it."""

    kind: str
    share: float
    text: str


def not_a_list(path: pathlib.Path, rules_before: int, *, own: bool = False) -> str | None:
    """Why a file is no list at all, by its first bytes; None when it may be one. Blocking.

    `rules_before` is how many rules the version before has, 0 without one. An `own` file may say nothing: whoever wrote
    it means it; only one that was emptied wholly, as failed writing leaves it, is refused after one with rules. Raises
    OSError.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        if own and not rules_before:
            return None
        return "it is empty" + ("; to keep it without rules, write a comment into it" if own else "")
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return _foreign(head[len(mark) :].decode(encoding, "replace").encode())
    if (reason := _foreign(head)) is not None:
        return reason
    if len(head) - len(head.translate(None, _CONTROL)) > len(head) // _MOST_CONTROL:
        return "it is not text; lists that are packed into archives cannot be read"
    return None


def _foreign(head: bytes) -> str | None:
    markup = _MARKUP.match(head)
    if markup is not None and markup["html"]:
        return "it is a web page, not a list; a sign-in page of the network may have answered"
    if markup is not None and (markup["xml"] or markup["tag"]):
        return "it is XML, not a list; the server may have answered with an error"
    if _JSON.match(head) is not None:
        return "it is JSON, not a list; the server may have answered with an error"
    return None


def without_rule(report: SourceReport, syntax: str) -> str | None:
    """Why a list says nothing at all."""
    return None if report.rules else f"no line of it is a rule (syntax {syntax})"


def too_many(report: SourceReport) -> str | None:
    """Why a list has more patterns than are good for whoever waits for an answer."""
    over = report.skipped.get(Reason.TOO_MANY.value, 0)
    return f"it has {_count(over, 'pattern')} too many; a list may have {MAX_PATTERNS:,}" if over else None


def matches_all(everything: Sequence[Sample]) -> str | None:
    """Why a rule of a list cannot be meant; `everything` are the lines that match every name."""
    if not everything:
        return None
    first = everything[0]
    return f"line {first.line:,} ({first.text}) matches every name"


def out_of_proportion(rules: int, before: int, updates: Updates) -> str | None:
    """Why a list cannot have become so small, or so large, since the version before (0: there is none)."""
    said = f"it has {_count(rules, 'rule')}, the version before had {before:,}"
    if before < SMALL:
        return None
    if rules * 100 < before * updates.shrink:
        return f"{said}: less than {updates.shrink} %"
    if rules * 100 > before * updates.grow:
        return f"{said}: more than {updates.grow} %"
    return None


def hits(canaries: Iterable[Canary], names: RuleSet) -> list[Hit]:
    """The canaries that the only list of a set keeps anybody from, in their order. Microseconds for each and client."""
    found: dict[str, Hit] = {}
    asked = [(type, client) for client in crowd(names) for type in _TYPES]
    for canary in canaries:
        for type, client in asked:
            winner = names.winner(canary.name, 1, type, client)
            if winner is not None and (winner.action.blocks or winner.action is Action.REWRITE):
                found.setdefault(canary.name, Hit(canary, winner))
                break
    return list(found.values())


def crowd(names: RuleSet) -> list[Client]:
    """Somebody whom no rule names, and clients of each sort that rules name, as far as they are treated differently."""
    known = {names.signature(_ANYBODY): _ANYBODY}
    for clients, not_clients, tags, not_tags in _conditions(names)[:MOST_CLIENTS]:
        for text in ("", *clients, *not_clients):
            for tagged in ((), tags[:1], not_tags[:1]):
                one = _client(text, tagged)
                known.setdefault(names.signature(one), one)
    return list(known.values())[: MOST_CLIENTS + 1]


def too_many_clients(names: RuleSet) -> str | None:
    """Why a list from elsewhere, where nobody knows who is here, cannot be looked through for all of them."""
    number = len(_conditions(names))
    said = f"it has rules for {number:,} sorts of clients; a list from elsewhere may have {MOST_CLIENTS}"
    return said if number > MOST_CLIENTS else None


def _conditions(names: RuleSet) -> list[tuple[tuple[str, ...], ...]]:
    every = names.every_options()
    found = dict.fromkeys((one.clients, one.not_clients, one.tags, one.not_tags) for one in every)
    return [one for one in found if any(one)]


def _client(text: str, tags: tuple[str, ...]) -> Client:
    """A client that a rule names: by an address or a network that it is in, its name, or its MAC address."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return Client("", "default", device=text, mac=text, tags=tags)
    return Client(str(network[network.num_addresses // 3]), "default", tags=tags)


def wide(names: RuleSet) -> list[Wide]:
    """Of which kinds of addresses the networks of the only list of a set hold too much of the world."""
    found = []
    for type, probes in _probes() if names.has_networks else ():
        hit = [winner for one in probes if (winner := names.address(one, 1, type, _ANYBODY)) and winner.action.blocks]
        share = 100 * len(hit) / len(probes)
        if share > MOST_ADDRESSES:
            found.append(Wide("IPv4" if type == Type.A else "IPv6", share, hit[0].text))
    return found


def too_wide(found: Iterable[Wide]) -> str | None:
    """Why a list must not have these."""
    said = [f"{one.share:.0f} % of all {one.kind} addresses, such as with {one.text[:200]}" for one in found]
    return f"it would block {' and '.join(said)}" if said else None


def _probes() -> Iterator[tuple[Type, list[bytes]]]:
    """Addresses all over the world's, in network byte order, by the type that records of them have."""
    found: dict[Type, list[bytes]] = {Type.A: [], Type.AAAA: []}
    for space, bits in _SPACES:
        for part in ipaddress.ip_network(space).subnets(bits):
            address = part[part.num_addresses // 3]
            if address.is_global and not address.is_multicast:  # lists may keep out all others
                found[Type.A if address.version == 4 else Type.AAAA].append(address.packed)
    yield from found.items()


def harm(found: Sequence[Hit]) -> str | None:
    """Why a list must not have these."""
    if not found:
        return None
    first, *others = _without_www(found)
    rewrites = first.winner.action is Action.REWRITE and all(isinstance(one, Datum) for one in first.winner.says)
    verb = "answer in its own way for" if rewrites else "block"
    more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
    rest = f"; also {', '.join(hit.canary.name for hit in others[:_SHOWN])}{more}" if others else ""
    rule = "" if first.winner.text == first.canary.name else f" ({first.winner.text[:200]})"
    return f"it would {verb} {first.canary.name}{rule}, {first.canary.what}{rest}"


def _without_www(found: Sequence[Hit]) -> list[Hit]:
    """Names with and without `www.` are one to people."""
    names = {hit.canary.name for hit in found}
    return [hit for hit in found if not (hit.canary.name.startswith("www.") and hit.canary.name[4:] in names)]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
