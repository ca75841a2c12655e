"""Hosts files: `0.0.0.0 a.example b.example # x` blocks each name exactly."""

from __future__ import annotations

import ipaddress

from resolver.rules.comment import COMMON_SINKS, is_comment, is_never_a_rule, without_tail
from resolver.rules.normal import no_name, normal
from resolver.rules.rule import Action, Form, Outcome, Reason, Rule, Skip

_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


def parse(line: str) -> Outcome:
    """One line of a hosts file. Only sink addresses block; a name with any other address is a record."""
    words = () if is_comment(line) else without_tail(line).split()
    if not words:
        return ()
    address, *names = words
    sink = address in COMMON_SINKS or _is_sink(address)
    if sink is None:
        return (Skip(Reason.NO_ADDRESS),)
    if not names:
        return (Skip(Reason.NO_NAME),)
    names = [name for name in names if not is_never_a_rule(name)]
    if names and not sink:
        return (Skip(Reason.RECORD),)
    return tuple(map(_exact, names))


def _is_sink(address: str) -> bool | None:
    """Whether an address leads nowhere: unspecified or loopback; None when it is not an address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return parsed.is_unspecified or parsed in _LOOPBACK or parsed == ipaddress.IPv6Address(1)


def _exact(text: str) -> Rule | Skip:
    name = normal(text)
    return no_name(text) if name is None else Rule(name, Action.BLOCK, Form.EXACT)
