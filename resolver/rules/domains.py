"""Lists of names, one a line: `a.example` is exact (or a subtree, if the source says so), `*.a.example` a wildcard."""

from __future__ import annotations

from resolver.rules.comment import is_comment, is_never_a_rule, without_tail
from resolver.rules.normal import no_name, normal
from resolver.rules.rule import Action, Form, Outcome, Rule


def parse(line: str, form: Form = Form.EXACT) -> Outcome:
    """One line of a list of names; `form` is what a bare name means in this list."""
    text = "" if is_comment(line) else without_tail(line)
    if not text:
        return ()
    if text.startswith("*."):
        form = Form.WILDCARD
        text = text[2:]
    elif is_never_a_rule(text):
        return ()
    name = normal(text)
    return (no_name(text),) if name is None else (Rule(name, Action.BLOCK, form),)
