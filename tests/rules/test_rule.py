"""The values that parsers, compiler and set share."""

import pytest

from resolver.rules.rule import Action, Form, Options, show


@pytest.mark.parametrize(
    ("action", "form", "text"),
    [
        (Action.BLOCK, Form.EXACT, "a.example"),
        (Action.BLOCK, Form.SUBTREE, "||a.example^"),
        (Action.BLOCK, Form.WILDCARD, "*.a.example"),
        (Action.BLOCK, Form.SUBDOMAINS, "*.a.example^"),
        (Action.BLOCK_IMPORTANT, Form.SUBTREE, "||a.example^$important"),
        (Action.ALLOW, Form.EXACT, "@@a.example"),
        (Action.ALLOW, Form.SUBTREE, "@@||a.example^"),
        (Action.ALLOW_IMPORTANT, Form.SUBTREE, "@@||a.example^$important"),
        (Action.TRUST, Form.SUBTREE, "||a.example^"),
    ],
)
def test_a_rule_is_shown_as_a_person_would_write_it(action: Action, form: Form, text: str) -> None:
    assert show("a.example", action, form) == text
    assert show("a.example", action, form, Options(types=(1,))) == text


def test_a_rule_with_a_frame_is_shown_in_it() -> None:
    options = Options(frame=("", " CNAME ."))
    assert show("a.example", Action.BLOCK, Form.EXACT, options) == "a.example CNAME ."
    assert show("a.example", Action.ALLOW, Form.SUBTREE, Options(frame=("@@||", ""))) == "@@||a.example"


def test_actions_sort_strongest_first() -> None:
    assert [action.name for action in sorted(Action)] == [
        "TRUST",
        "REWRITE",
        "EXCEPT",
        "ALLOW_IMPORTANT",
        "BLOCK_IMPORTANT",
        "ALLOW",
        "EXEMPT",
        "BLOCK",
    ]


def test_actions_say_whether_they_allow_or_block() -> None:
    assert [action for action in Action if action.blocks] == [Action.BLOCK_IMPORTANT, Action.BLOCK]
    assert [action for action in Action if not action.allows and not action.blocks] == [Action.REWRITE, Action.EXCEPT]


def test_forms_say_what_they_mean() -> None:
    assert [form for form in Form if not form.at] == [Form.SUBDOMAINS]
    assert [form for form in Form if not form.below] == [Form.EXACT]
