"""A fact: that a list holds a rule for the name, network or expression that the fact stands beside. One integer."""

from __future__ import annotations

import msgspec

from resolver.rules.rule import Action, Form

MOST_OPTIONS = (1 << 24) - 1
"""The highest options id that a packed fact has room for."""

SPECIAL = (1 << 25) - 1
"""The bits of a packed fact that are all zero when it is a plain rule: without options, cancelling nothing."""

CANCELS = 1
"""The bit of a packed fact that cancels."""

_FORM, _ACTION, _INDEX = 25, 29, 33  # by how many bits each is shifted; options by one


class Fact(msgspec.Struct, frozen=True, order=True, gc=False):
    """A rule of a list (by its index, the bit in masks), without its owner.

    `options` is an id in the set's table of options, 0 for none. A fact that `cancels` is no rule: it takes the rule
    away that is equal to it in action, form and options, for masks that hold its list. Beside a network, `form` says
    how the text is put together (`keys.fold`).
    """

    index: int
    action: Action
    form: Form
    options: int = 0
    cancels: bool = False

    def pack(self) -> int:
        """The fact as an integer. Packed facts sort as facts do."""
        return pack(self.index, self.action, self.form, self.options) | self.cancels

    @classmethod
    def unpack(cls, packed: int) -> Fact:
        """The reverse of `pack`. Raises ValueError for an action or form that does not exist."""
        action, form = Action(packed >> _ACTION & 15), Form(packed >> _FORM & 15)
        return cls(packed >> _INDEX, action, form, packed >> 1 & MOST_OPTIONS, bool(packed & 1))


def pack(index: int, action: Action, form: Form, options: int = 0) -> int:
    """A rule as `Fact.pack` gives it, without the fact in between: a compile makes a million."""
    return index << _INDEX | action << _ACTION | form << _FORM | options << 1


def index_of(packed: int) -> int:
    """The list of a packed fact."""
    return packed >> _INDEX
