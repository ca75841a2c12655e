"""What a button asks for, and what came of it in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from resolver.admin import checks
from resolver.admin.pages.ruled import lasts_of, rule_for, scope_of, sentence, written
from resolver.admin.rulebodies import NewRule, RuleInfo, RuleResult
from resolver.errors import ApiError
from resolver.wire.name import to_text

RULE = RuleInfo(1, "allow", "a.example", "", "", None, "", 1.0, "api")


def test_for_how_long() -> None:
    assert lasts_of({"for": "10m"}) == "10m"
    assert lasts_of({"for": "good"}) is None
    for wrong in ("", "11m"):
        with pytest.raises(ApiError) as caught:
            lasts_of({"for": wrong})
        assert caught.value.path == "for"


@pytest.mark.parametrize(
    ("whom", "client", "group", "scope"),
    [
        ("all", "192.0.2.1", "kids", ("", "")),
        ("group", "192.0.2.1", "kids", ("", "kids")),
        ("client", "192.0.2.1", "kids", ("192.0.2.1", "")),
        ("client", "2001:db8::1", "", ("2001:db8::1", "")),
        ("client", "tablet", "", ("tablet", "")),
        ("client", "", "kids", None),
        ("client", "~9c2f0e41b7a5", "kids", None),
        ("client", "192.0.2.0/24", "kids", None),
        ("group", "192.0.2.1", "", None),
        ("", "192.0.2.1", "kids", None),
    ],
)
def test_for_whom(whom: str, client: str, group: str, scope: tuple[str, str] | None) -> None:
    if scope is not None:
        assert scope_of({"whom": whom}, client, group) == scope
        return
    with pytest.raises(ApiError) as caught:
        scope_of({"whom": whom}, client, group)
    assert caught.value.path == "whom"


def test_a_top_level_name_is_blocked_alone() -> None:
    everyone = ("", "")
    assert rule_for("deny", "com", everyone, None).exact
    assert rule_for("deny", "a\\.b", everyone, None).exact
    assert not rule_for("deny", "example.com", everyone, None).exact
    assert not rule_for("allow", "com", everyone, None).exact
    assert rule_for("allow", "com", ("", "kids"), "10m") == NewRule("allow", "com", "", "kids", "10m")


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=8))
def test_any_name_can_be_written_as_a_rule(labels: list[bytes]) -> None:
    text = to_text(b"".join(bytes((len(one),)) + one.lower() for one in labels) + b"\0")
    assert checks.rule("deny", written(text), "", exact=False).name == text


def test_what_looks_like_something_else() -> None:
    for text in ("192.0.2.1", "a/b", "||x^", "#x", "!x", "[x]", "exact", "a\\032b", "\\@x"):
        normal = checks.domain_name(text)
        assert checks.rule("deny", written(text), "", exact=False).name == normal
    with pytest.raises(ApiError, match="empty label"):
        written("a..b")


def test_what_came_of_it() -> None:
    assert sentence(RuleResult(RULE, True, [], True)) == "a.example and all below it is now allowed, for everyone."
    again = RuleResult(replace(RULE, exact=True, action="deny", group="kids"), False, [], True)
    assert sentence(again) == "a.example was blocked already, for group kids."
    other = replace(RULE, action="deny", client="tablet")
    said = sentence(RuleResult(RULE, True, [], False, "a worker is away.", [other], "nothing blocks it now"))
    assert said == (
        "a.example and all below it is now allowed, for everyone. But a narrower rule still wins: deny a.example for "
        "tablet. But not everywhere yet: a worker is away. To know: nothing blocks it now."
    )
