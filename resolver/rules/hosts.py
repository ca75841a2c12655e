"""Hosts files: `0.0.0.0 a.example b.example # x` blocks each name exactly; other addresses are records."""

from __future__ import annotations

import ipaddress

from resolver.model import Type
from resolver.rules.comment import COMMON_SINKS, is_comment, is_never_a_rule, without_tail
from resolver.rules.normal import no_name, normal
from resolver.rules.rule import Action, Datum, Form, Options, Outcome, Reason, Rule, Skip

_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
_TYPES = {4: int(Type.A), 6: int(Type.AAAA)}


def parse(line: str) -> Outcome:
    """One line of a hosts file. A sink address blocks; any other blocks with an A or AAAA record for an answer."""
    words = line.split()
    if len(words) == 2 and words[0] in COMMON_SINKS:  # nearly all lines there are
        name = normal(words[1])
        if name is not None:
            return () if is_never_a_rule(name) else (Rule(name, Action.BLOCK, Form.EXACT),)
    return _any(line)


def _any(line: str) -> Outcome:
    words = () if is_comment(line) else without_tail(line).split()
    if not words:
        return ()
    address, *names = words
    sink = is_sink(address)
    if sink is None:
        return (Skip(Reason.NO_ADDRESS),)
    if not names:
        return (Skip(Reason.NO_NAME),)
    names = [name for name in names if not is_never_a_rule(name)]
    datum = None if sink else address_datum(address)
    if names and not sink and datum is None:
        return (Skip(Reason.NO_ADDRESS),)
    options = None if datum is None else Options(says=datum, frame=(f"{address} ", ""))
    return tuple([_exact(name, options) for name in names])


def is_sink(address: str) -> bool | None:
    """Whether an address leads nowhere: unspecified or loopback; None when it is not an address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return parsed.is_unspecified or parsed in _LOOPBACK or parsed == ipaddress.IPv6Address(1)


def address_datum(address: str) -> Datum | None:
    """The A or AAAA record of an address; None when it is none that a record can hold (`fe80::1%eth0`)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return None if "%" in address else Datum(_TYPES[parsed.version], parsed.packed)


def _exact(text: str, options: Options | None) -> Rule | Skip:
    name = normal(text)
    return no_name(text) if name is None else Rule(name, Action.BLOCK, Form.EXACT, options)
