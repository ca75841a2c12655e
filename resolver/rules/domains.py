"""Lists of names, one a line: `a.example` is exact (or a subtree, if the source says so), `*.a.example` a wildcard."""

from __future__ import annotations

from resolver.rules.comment import is_comment, is_never_a_rule, without_tail
from resolver.rules.normal import no_name, normal
from resolver.rules.rule import Action, Form, Outcome, Rule, Skip


def parse(line: str, form: Form = Form.EXACT) -> Outcome:
    """One line of a list of names; `form` is what a bare name means in this list."""
    found = _found(line, form)
    if not isinstance(found, Skip):  # nearly all lines there are
        return () if found is None else (found,)
    text = "" if is_comment(line) else without_tail(line)
    if not text:
        return ()
    if text != line:
        found = _found(text, form)
    return () if found is None else (found,)


def _found(text: str, form: Form) -> Rule | Skip | None:
    """What the text of a line means; None for a name that is never a rule."""
    bare = text.removeprefix("*.")
    if len(bare) < len(text):
        form = Form.WILDCARD
    elif is_never_a_rule(text):
        return None
    name = normal(bare)
    return no_name(bare) if name is None else Rule(name, Action.BLOCK, form)
