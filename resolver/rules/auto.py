"""The choice of syntax: by the source's word, or line by line, since people paste anything."""

from __future__ import annotations

import functools
import re

from resolver.rules import adblock, domains, hosts
from resolver.rules.comment import is_comment, without_tail
from resolver.rules.normal import is_address
from resolver.rules.rule import Form, Outcome, Parser, Reason, Skip

_DNSMASQ = re.compile(r"[a-z-]+=")
_RPZ = re.compile(r"\$(?:ORIGIN|TTL|INCLUDE)\s|\S+\s+(?:(?:\d+|IN)\s+)*(?:CNAME|A|AAAA|SOA|NS|TXT)\s", re.IGNORECASE)
_ADBLOCK = re.compile(r"[|^$/@\[]|##|#[@?%]|.\*")


SYNTAXES = ("auto", "hosts", "domains", "adblock", "dnsmasq", "rpz")
"""The names of syntaxes in config."""


def parser(syntax: str, *, subdomains: bool = False) -> Parser | None:
    """The parser of a syntax by its name in config; None for a name that is no syntax.

    `subdomains` makes the bare names of a domains list, and those that `auto` takes for one, mean their subtree.
    """
    bare = Form.SUBTREE if subdomains else Form.EXACT
    parsers: dict[str, Parser] = {
        "hosts": hosts.parse,
        "domains": functools.partial(domains.parse, form=bare),
        "adblock": adblock.parse,
        "auto": functools.partial(parse, form=bare),
        "dnsmasq": functools.partial(_unread, reason=Reason.DNSMASQ),
        "rpz": functools.partial(_unread, reason=Reason.RPZ),
    }
    return parsers.get(syntax)


def parse(line: str, form: Form = Form.EXACT) -> Outcome:
    """One line of a list of any syntax; `form` is what a bare name means."""
    if line.startswith(("||", "@@")) or is_comment(line):
        return adblock.parse(line)
    words = line.split(None, 1)
    if len(words) == 2 and is_address(words[0]):
        return hosts.parse(line)
    if _DNSMASQ.match(line) is not None:
        return (Skip(Reason.DNSMASQ),)
    if _RPZ.match(line) is not None:
        return (Skip(Reason.RPZ),)
    if _ADBLOCK.search(without_tail(line)) is not None:
        return adblock.parse(line)
    return domains.parse(line, form)


def _unread(line: str, reason: Reason) -> Outcome:
    """A line of a syntax that is told apart but not read: all but its comments is skipped."""
    return () if is_comment(line) or line.startswith(";") else (Skip(reason),)
