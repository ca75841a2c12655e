"""AdGuard's DNS syntax: `||x^`, `@@||x^`, bare names, masks, `/expressions/` and addresses, with `$modifiers`."""

from __future__ import annotations

import re

from msgspec.structs import replace

from resolver.model import Type
from resolver.rules import modifiers, pattern
from resolver.rules.comment import is_comment
from resolver.rules.modifiers import Modifiers
from resolver.rules.normal import is_address, normal
from resolver.rules.pattern import Addressed, Fitting, Named
from resolver.rules.rule import Action, Cancel, Datum, Form, Network, Options, Outcome, Pattern, Reason, Rule, Skip
from resolver.wire import name

_SUBTREE = re.compile(r"(@@)?\|\|([^\s^$|/*]+)\^")
_COSMETIC = re.compile(r"#@?[$?%]{0,2}#|\$@?\$")  # x##y x#@#y x#?#y x#$#y x#$?#y x#%#y x$$y x$@$y
_COSMETIC_FIRST = re.compile(r"#@?[$?%]{0,2}##?[^#\s]")  # the same without the x; `## A title` is a comment


def parse(line: str) -> Outcome:
    """One line of an adblock list."""
    subtree = _SUBTREE.fullmatch(line)
    if subtree is not None:
        allows, text = subtree.groups()
        owner = normal(text)
        if owner is not None:
            return (Rule(owner, Action.ALLOW if allows else Action.BLOCK, Form.SUBTREE),)
    return _other(line)


def _other(line: str) -> Outcome:
    if is_comment(line) and not (line.startswith("[") and is_address(line[1:-1])):
        return (Skip(Reason.NOT_DNS),) if _COSMETIC_FIRST.match(line) else ()
    if line.startswith("[$") or (("#" in line or "$" in line) and _COSMETIC.search(line) is not None):
        return (Skip(Reason.NOT_DNS),)
    allows = line.startswith("@@")
    text, given = modifiers.split(line[2:] if allows else line)
    said = modifiers.NONE if given is None else modifiers.read(given, excepts=allows)
    if isinstance(said, Skip):
        return (said,)
    meaning = pattern.read(text, narrowed=said.narrowed)
    if meaning is None:
        return ()
    found = _found(line, meaning, _action(said, allows=allows), said)
    return (Cancel(found) if said.badfilter and not isinstance(found, Skip) else found,)


def _action(said: Modifiers, *, allows: bool) -> Action:
    if said.rewrites:
        return Action.EXCEPT if allows else Action.REWRITE
    if said.important:
        return Action.ALLOW_IMPORTANT if allows else Action.BLOCK_IMPORTANT
    return Action.ALLOW if allows else Action.BLOCK


def _found(
    line: str, meaning: Named | Fitting | Addressed | Skip, action: Action, said: Modifiers
) -> Rule | Pattern | Network | Skip:
    options = said.options
    match meaning:
        case Named():
            return _rule(line, meaning, action, options)
        case Fitting(regex, everything):
            return Pattern(regex, action, line, options, everything)
        case Addressed(network):
            # Names are rewritten, and names are left out: neither can be said of an address in an answer.
            if options is not None and (said.rewrites or options.denyallow):
                return Skip(Reason.ADDRESS)
            return Network(network, action, line, options)
        case Skip():
            return meaning


def _rule(line: str, named: Named, action: Action, options: Options | None) -> Rule | Skip:
    owner, form, start, end = named
    if options is not None:
        if action is Action.REWRITE and form is Form.EXACT and options.says == Datum(Type.CNAME, name.from_text(owner)):
            return Skip(Reason.NO_CHANGE)
        begin = 2 if line.startswith("@@") else 0
        options = replace(options, frame=(line[: begin + start], line[begin + end :]))
    return Rule(owner, action, form, options)
