"""What a line of a list says: a rule, or why it says nothing here. The values that parsers, compiler and set share."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, StrEnum

import msgspec


class Action(IntEnum):
    """What a rule does with a name, strongest first. TRUST is any rule of an allow-list source."""

    TRUST = 0
    ALLOW = 1
    BLOCK = 2


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
    RECORD = "record"
    REGEX = "regex"
    PATTERN = "pattern"
    MODIFIER = "modifier"
    NOT_DNS = "not for DNS"
    DNSMASQ = "dnsmasq"
    RPZ = "rpz"
    TOO_LONG = "line too long"


class Rule(msgspec.Struct, frozen=True, gc=False):
    """One name in normal form (`normal.normal`), and what is to happen to it."""

    name: str
    action: Action
    form: Form


class Skip(msgspec.Struct, frozen=True, gc=False):
    """A line, or one name of a hosts line, that gives no rule."""

    reason: Reason


Outcome = tuple[Rule | Skip, ...]
"""What a parser makes of one line. Empty: a comment, an empty line, or names that are never a rule."""

Parser = Callable[[str], Outcome]
"""A syntax: one line, without its end and surrounding blanks, to its outcome. Never raises, whatever the text."""


class Fact(msgspec.Struct, frozen=True, order=True, gc=False):
    """That a list (by its index, the bit in masks) has a rule for the name that the fact stands beside."""

    index: int
    action: Action
    form: Form

    def pack(self) -> int:
        """The fact as an integer: index above eight bits, four of action, four of form."""
        return self.index << 8 | self.action << 4 | self.form

    @classmethod
    def unpack(cls, packed: int) -> Fact:
        """The reverse of `pack`. Raises ValueError for an action or form that does not exist."""
        return cls(packed >> 8, Action(packed >> 4 & 15), Form(packed & 15))

    def show(self, owner: str) -> str:
        """The rule as a person would write it: `x`, `||x^`, `*.x`, `*.x^`, with `@@` before it when it allows."""
        before, after = _FRAMES[self.form]
        return f"{'@@' if self.action is Action.ALLOW else ''}{before}{owner}{after}"


_FRAMES = {
    Form.EXACT: ("", ""),
    Form.SUBTREE: ("||", "^"),
    Form.WILDCARD: ("*.", ""),
    Form.SUBDOMAINS: ("*.", "^"),
}
