"""What a line of a list says: a rule, or why it says nothing here. The values that parsers, compiler and set share.

A parser gives, for each thing that a line means, one of `Rule` (about a name), `Pattern` (about all names that fit an
expression), `Network` (about addresses in answers), `Cancel` (`$badfilter`: takes equal rules away) or `Skip`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, StrEnum

import msgspec

from resolver.model import Drop, Nodata, NullAddress, Nxdomain, Refused


class Action(IntEnum):
    """What a rule does, strongest first: of the rules that match, one with the strongest action decides.

    TRUST           any rule of an allow-list source
    REWRITE         answers with something of its own (`$dnsrewrite`)
    EXCEPT          takes matching rewrites away (`@@…$dnsrewrite`); has no opinion of its own
    ALLOW_IMPORTANT, BLOCK_IMPORTANT, ALLOW   as they are called
    EXEMPT          allows unless the same list says something about a longer name (RPZ passthru, dnsmasq `server=/x/#`)
    BLOCK           blocks; its options may say with what answer
    """

    TRUST = 0
    REWRITE = 1
    EXCEPT = 2
    ALLOW_IMPORTANT = 3
    BLOCK_IMPORTANT = 4
    ALLOW = 5
    EXEMPT = 6
    BLOCK = 7

    @property
    def allows(self) -> bool:
        return self in _ALLOWING

    @property
    def blocks(self) -> bool:
        return self in (Action.BLOCK, Action.BLOCK_IMPORTANT)


_ALLOWING = frozenset((Action.TRUST, Action.ALLOW_IMPORTANT, Action.ALLOW, Action.EXEMPT))


class Form(IntEnum):
    """Which names a rule means. WILDCARD is matched like SUBTREE: published `*.x` lists mean the apex too."""

    EXACT = 0
    SUBTREE = 1
    WILDCARD = 2
    SUBDOMAINS = 3

    @property
    def at(self) -> bool:
        """Whether the rule's own name is meant."""
        return self is not Form.SUBDOMAINS

    @property
    def below(self) -> bool:
        """Whether the names below it are meant."""
        return self is not Form.EXACT


class Reason(StrEnum):
    """Why a line is no rule. The words are stable: they are counted, stored and shown."""

    NOT_A_NAME = "not a name"
    NO_ADDRESS = "no address"
    NO_NAME = "no name"
    ADDRESS = "address"
    REGEX = "regex cannot be used"
    BARE_REGEX = "a regex is written between slashes"
    MODIFIER = "unknown modifier"
    VALUE = "modifier with a wrong value"
    NOT_DNS = "not for DNS"
    TOO_BROAD = "would match everything"
    TOO_MANY = "too many patterns or options"
    DNSMASQ = "dnsmasq setting"
    UPSTREAM = "an upstream for a name"
    RPZ = "rpz record that says nothing here"
    TRIGGER = "rpz trigger that is not supported"
    NO_CHANGE = "rewrites a name to itself"
    TOO_LONG = "line too long"


class Datum(msgspec.Struct, frozen=True, tag="datum", gc=False, rename={"type": "rr"}):
    """One record to answer with: its RR type and uncompressed canonical RDATA. Its owner is the name asked for."""

    type: int
    rdata: bytes


Saying = NullAddress | Nxdomain | Nodata | Refused | Drop | Datum
"""What a rule wants said. NullAddress is only said by `$dnsrewrite=0.0.0.0`-like rules that a household should see as
blocking; a blocking rule without a saying is answered in the household's way."""


class Options(msgspec.Struct, frozen=True):
    """The conditions under which a rule holds, and what it says. Empty tuples are no condition.

    `types` and `not_types` are RR types; at an answer they are compared with the record's. `denyallow` are names in
    normal form that are left out, with all below them. `clients` are IP addresses and networks (canonical text), MAC
    addresses (lower case, colons), or client names (lower case); `tags` device tags. What is in `not_…` wins.
    `frame` is what stands before and after the owner name when the rule is shown.
    """

    types: tuple[int, ...] = ()
    not_types: tuple[int, ...] = ()
    denyallow: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    not_clients: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    says: Saying | None = None
    frame: tuple[str, str] = ("", "")


class Rule(msgspec.Struct, frozen=True, gc=False):
    """One name in normal form (`normal.normal`), and what is to happen to it. Most rules have no options (None), and
    are shown as their action and form say (`show`)."""

    name: str
    action: Action
    form: Form
    options: Options | None = None


class Pattern(msgspec.Struct, frozen=True):
    """Every name in which an RE2 expression finds something. Names are lower-case ASCII in normal form; characters
    that no rule can name are `?`. `text` is the line as it was written, `everything` that all names are meant."""

    regex: str
    action: Action
    text: str
    options: Options | None = None
    everything: bool = False


class Network(msgspec.Struct, frozen=True):
    """Answers that hold an address of this network (canonical text, `192.0.2.1/32`). `text` is as it was written."""

    network: str
    action: Action
    text: str
    options: Options | None = None


class Cancel(msgspec.Struct, frozen=True):
    """`$badfilter`: rules equal to this one, in any list, do not count for whoever uses this list. Frames and texts
    take no part in being equal, the order of modifiers neither."""

    rule: Rule | Pattern | Network


class Skip(msgspec.Struct, frozen=True, gc=False):
    """A line, or one part of it, that gives no rule."""

    reason: Reason


Found = Rule | Pattern | Network | Cancel | Skip

Outcome = tuple[Found, ...]
"""What a parser makes of one line. Empty: a comment, an empty line, or names that are never a rule."""

Parser = Callable[[str], Outcome]
"""A syntax: one line, without its end and surrounding blanks, to its outcome. Never raises, whatever the text."""


def show(owner: str, action: Action, form: Form, options: Options | None = None) -> str:
    """A rule about a name as a person would write it: `x`, `||x^`, `*.x`, `*.x^`, with `@@` before it when it allows,
    `$important` after it; or in the frame of its options."""
    if options is not None and any(options.frame):
        return owner.join(options.frame)
    before, after = _FRAMES[form]
    allows = action in (Action.ALLOW, Action.ALLOW_IMPORTANT)
    important = action in (Action.ALLOW_IMPORTANT, Action.BLOCK_IMPORTANT)
    return f"{'@@' if allows else ''}{before}{owner}{after}{'$important' if important else ''}"


_FRAMES = {
    Form.EXACT: ("", ""),
    Form.SUBTREE: ("||", "^"),
    Form.WILDCARD: ("*.", ""),
    Form.SUBDOMAINS: ("*.", "^"),
}
