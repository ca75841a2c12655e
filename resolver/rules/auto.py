"""The choice of syntax: by the source's word, or line by line, since people paste anything."""

from __future__ import annotations

import functools
import re

from resolver.rules import adblock, dnsmasq, domains, hosts, rpz
from resolver.rules.comment import COMMON_SINKS, is_comment, is_never_a_rule, without_tail
from resolver.rules.normal import is_address, is_normal
from resolver.rules.rule import Form, Outcome, Parser, Reason, Skip

SYNTAXES = ("auto", "hosts", "domains", "adblock", "dnsmasq", "rpz")
"""The names of syntaxes in config."""

INDENTED = frozenset(("auto", "rpz"))
"""The syntaxes whose parsers want to know that a line began with blanks (`read.lines` with `indent`)."""

_ADBLOCK_FIRST = ("||", "@@")
_HOSTS_FIRST = tuple(sink + blank for sink in sorted(COMMON_SINKS) for blank in " \t")
_DNSMASQ_FIRST = ("address=/", "server=/", "local=/")
_DNSMASQ = re.compile(r"[a-z][a-z0-9-]*\s*=")
_TYPED = r"""
    (?:(?:\d\w*|IN)\s+){0,2}  # TTL and class
    (?:A\s+(?:\(\s*)?\d | AAAA\s+(?:\(\s*)?[0-9a-f:] | (?:CNAME|DNAME|SOA|NS|TXT|MX|PTR|SRV|CAA|HTTPS|SVCB)\s
     | (?:RRSIG|NSEC3?|NSEC3PARAM|DNSKEY|DS|ZONEMD)\s)
"""
_RPZ = re.compile(rf"\$(?:ORIGIN|TTL|INCLUDE)\s|(?:@|[^\s@$^|/\[]+)\s+{_TYPED}", re.IGNORECASE | re.VERBOSE)
_RPZ_SAME_OWNER = re.compile(rf"\ {_TYPED}", re.IGNORECASE | re.VERBOSE)
_ADBLOCK = re.compile(r"\.|\*(?!\.)|.*?(?:[|^$/@\[]|##|#[@?%]|.\*)", re.DOTALL)
_BARE_REGEX = re.compile(r"[\^(][^#$]*[\\(\[+?]|[^#/$]*\\\.")  # as Pi-hole has them, in a list of their own


def parser(syntax: str, *, subdomains: bool = False) -> Parser | None:
    """A parser for one source, of a syntax by its name in config; None for a name that is no syntax.

    Some parsers remember what came before, so each source takes one of its own. `subdomains` makes the bare names of a
    domains list, and those that `auto` takes for one, mean their subtree.
    """
    bare = Form.SUBTREE if subdomains else Form.EXACT
    makers: dict[str, Parser] = {
        "hosts": hosts.parse,
        "domains": functools.partial(domains.parse, form=bare),
        "adblock": adblock.parse,
        "auto": Auto(bare),
        "dnsmasq": dnsmasq.parse,
        "rpz": rpz.Zone(),
    }
    return makers.get(syntax)


class Auto:
    """Lines of any syntax; `form` is what a bare name means. What comes first is what lists are full of."""

    def __init__(self, form: Form = Form.EXACT) -> None:
        self._form = form
        self._zone = rpz.Zone()

    def __call__(self, line: str) -> Outcome:
        if self._zone.open:
            return self._zone(line)
        if line.startswith(_ADBLOCK_FIRST):
            return adblock.parse(line)
        if line.startswith(_HOSTS_FIRST):
            return hosts.parse(line)
        if line.startswith(_DNSMASQ_FIRST):
            return dnsmasq.parse(line)
        if is_normal(line.removeprefix("*.")):
            return domains.parse(line, self._form)
        if line.startswith(" "):
            return self._zone(line) if self._goes_on(line) else self(line.strip())
        return self._other(line)

    def _goes_on(self, line: str) -> bool:
        return self._zone.owned and _RPZ_SAME_OWNER.match(line) is not None

    def _other(self, line: str) -> Outcome:
        if is_comment(line):
            return adblock.parse(line)  # which knows `##.ad` from a comment
        text = without_tail(line)
        words = text.split(None, 1)
        if not words or text[0] == ";":
            return ()
        if is_address(words[0]):
            if len(words) == 2:
                return hosts.parse(line)
            return domains.parse(text) if is_never_a_rule(text) else adblock.parse(text)
        if _DNSMASQ.match(line) is not None:
            return dnsmasq.parse(line)
        if len(words) == 2 and _RPZ.match(line) is not None:
            return self._zone(line)
        if _BARE_REGEX.match(text) is not None:
            return (Skip(Reason.BARE_REGEX),)
        if _ADBLOCK.match(text) is not None:
            return adblock.parse(line)
        return domains.parse(line, self._form)
