"""What rules mean (RULES.md), written to be read: every rule is looked at. The compiled set is tested against this."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from resolver.model import Client, Nodata, Type
from resolver.rules.rule import Action, Cancel, Datum, Form, Network, Options, Pattern, Rule, Saying, show
from tests.rules.sets import Listed

Subject = tuple[str, ...] | bytes
"""What is asked about: the labels of a name, or a packed address of an answer."""


class Found(NamedTuple):
    """A rule that matches, as `ruleset.Winner` tells it, with what it says itself."""

    action: Action
    source: int
    owner: str
    text: str
    says: tuple[Saying, ...]
    void: bool = False

    @property
    def rank(self) -> tuple[int, int, int]:
        """The stronger action, then the longer owner, then the lower list."""
        length = int(self.owner.partition("/")[2]) if "/" in self.owner else len(self.owner)
        return self.action, -length, self.source


def matches(listed: Iterable[Listed], subject: Subject, mask: int, type: int, client: Client) -> list[Found]:
    """Every rule that matches, in order of precedence, those without effect last."""
    every = list(dict.fromkeys(listed))
    cancels = [one for one in every if isinstance(one.rule, Cancel) and mask >> one.source & 1]
    found = {
        _found(one)
        for one in every
        if not isinstance(one.rule, Cancel)
        and not any(_takes_away(cancel, one) for cancel in cancels)
        and _means(one.rule, subject)
        and _holds(one.rule.options or Options(), subject, type, client)
    }
    judged = [one._replace(void=_is_void(one, found, mask)) for one in found]
    return sorted(judged, key=lambda one: (one.void, one.rank))


def _found(one: Listed) -> Found:
    rule = _counting(one)
    if isinstance(rule, Rule):
        owner, text = rule.name, show(rule.name, rule.action, rule.form, rule.options)
    else:
        owner, text = rule.network if isinstance(rule, Network) else "", rule.text
    says = None if rule.options is None else rule.options.says
    return Found(rule.action, one.source, owner, text, () if says is None else (says,))


def _counting(one: Listed) -> Rule | Pattern | Network:
    """A rule of an allow list trusts, whatever it is, and says nothing."""
    rule = one.rule.rule if isinstance(one.rule, Cancel) else one.rule
    if not one.trust:
        return rule
    silent = msgspec.structs.replace(rule.options, says=None) if rule.options else None
    return msgspec.structs.replace(rule, action=Action.TRUST, options=silent)


def _takes_away(cancel: Listed, other: Listed) -> bool:
    """Whether `$badfilter` removes a rule: an equal one. What allow lists hold is left to allow lists."""
    if other.trust:
        return cancel.trust and _essence(_counting(cancel)) == _essence(_counting(other))
    return _essence(_counting(cancel._replace(trust=False))) == _essence(_counting(other))


def _essence(rule: Rule | Pattern | Network) -> object:
    options = rule.options or Options()
    said = tuple(frozenset(value) if isinstance(value, tuple) else value for value in msgspec.structs.astuple(options))
    if isinstance(rule, Rule):
        return rule.name, rule.action, rule.form, said[:-1]
    return type(rule), rule.regex if isinstance(rule, Pattern) else rule.network, rule.action, said[:-1]


def _means(rule: Rule | Pattern | Network, subject: Subject) -> bool:
    if isinstance(rule, Network):
        address = ipaddress.ip_address(subject) if isinstance(subject, bytes) else None
        return address is not None and address in ipaddress.ip_network(rule.network)
    if isinstance(subject, bytes):
        return False
    if isinstance(rule, Pattern):
        return re.search(rule.regex, ".".join(re.sub(r"[^a-z0-9_-]", "?", label) for label in subject)) is not None
    at = subject == tuple(rule.name.split("."))
    below = not at and _within(subject, rule.name)
    return (at and rule.form is not Form.SUBDOMAINS) or (below and rule.form is not Form.EXACT)


def _within(labels: tuple[str, ...], name: str) -> bool:
    parts = tuple(name.split("."))
    return labels[-len(parts) :] == parts


def _holds(options: Options, subject: Subject, type: int, client: Client) -> bool:
    if type in options.not_types or (options.types and type not in options.types):
        return False
    if not isinstance(subject, bytes) and any(_within(subject, name) for name in options.denyallow):
        return False
    if any(_is(client, text) for text in options.not_clients) or set(options.not_tags) & set(client.tags):
        return False
    if options.clients and not any(_is(client, text) for text in options.clients):
        return False
    return not options.tags or bool(set(options.tags) & set(client.tags))


def _is(client: Client, text: str) -> bool:
    """Whether a word of `$client` means this client: its name, its MAC address, its address, or a network of it."""
    if text in {client.device.lower(), client.mac}:
        return True
    try:
        return ipaddress.ip_address(client.address) in ipaddress.ip_network(text)
    except ValueError:
        return False


def _is_void(one: Found, found: Iterable[Found], mask: int) -> bool:
    """Whether a rule that matches has no effect, because another says so."""
    same_list = [other for other in found if other.source == one.source]
    if one.action is Action.REWRITE:
        exceptions = [other for other in found if other.action is Action.EXCEPT and mask >> other.source & 1]
        return any(other.says in {(), one.says} for other in exceptions)
    if one.action is Action.EXEMPT:
        return any(other.action is Action.BLOCK and other.rank[1] < one.rank[1] for other in same_list)
    if one.action is Action.BLOCK:
        return any(other.action is Action.EXEMPT and other.rank[1] <= one.rank[1] for other in same_list)
    return one.action is Action.EXCEPT


def says(effective: Sequence[Found]) -> tuple[Saying, ...]:
    """What the first of these is answered with: all rewrites, or all records that one list has for one name."""
    first = effective[0]
    if first.action is Action.REWRITE:
        adding = [one for one in effective if one.action is Action.REWRITE]
    else:
        adding = [one for one in effective if first.says and one[:3] == first[:3]]
    sayings = [saying for one in adding for saying in one.says]
    answer: dict[Saying, None] = {}
    for saying in [said for said in sayings if said != Nodata()] or sayings:
        answer[saying] = None
        if not isinstance(saying, Datum) or saying.type == Type.CNAME:
            break
    return tuple(answer)
