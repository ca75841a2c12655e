"""People's own lines, compiled: each for itself, whatever stands beside it."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import pytest

from resolver.model import Client, Type
from resolver.rules import files
from resolver.rules.own import Line, compile_lines, mark
from resolver.rules.rule import Action, Datum
from resolver.rules.ruleset import RuleSet, Winner

ME = Client("192.0.2.1", "default", device="tv", tags=("device_tv",))


def compiled(directory: pathlib.Path, *lines: Line) -> RuleSet:
    assert compile_lines(lines, directory) == []
    return RuleSet.open(directory, [text for _, text in lines])


def matching(names: RuleSet, name: str, type: int = Type.A, client: Client = ME) -> list[tuple[str, Action, int]]:
    """The lines that match a name, with what they do and the length that counts, in their order."""
    return sorted(((one.list, one.action, length) for one, length in names.every(name, type, client)), key=str)


@pytest.mark.parametrize(
    ("line", "name", "length"),
    [
        ("||a.example^$dnstype=A", "x.a.example", 9),
        ("||a.example^$dnstype=AAAA", "a.example", None),
        ("||a.example^$denyallow=b.a.example", "c.a.example", 9),
        ("||a.example^$denyallow=b.a.example", "x.b.a.example", None),
        ("||a.example^$client=tv", "a.example", 9),
        ("||a.example^$client=~tv", "a.example", None),
        ("||a.example^$ctag=device_tv", "a.example", 9),
        ("/^ads[0-9]+\\./", "ads12.example", 0),
        ("/^ads[0-9]+\\./", "ads.example", None),
        ("||ads*.example^", "x.ads7.example", 0),
        ("*.a.example^", "b.a.example", 9),
        ("*.a.example^", "a.example", None),
    ],
)
@pytest.mark.parametrize("action", ["allow", "deny"])
def test_modifiers_patterns_and_masks_match_as_in_lists(
    tmp_path: pathlib.Path, action: str, line: str, name: str, length: int | None
) -> None:
    does: Line = ("allow", line) if action == "allow" else ("deny", line)
    expected = Action.ALLOW if action == "allow" else Action.BLOCK
    found = matching(compiled(tmp_path, does), name)
    assert found == ([] if length is None else [(line, expected, length)])


def test_every_line_is_for_itself(tmp_path: pathlib.Path) -> None:
    lines: Sequence[Line] = (
        ("allow", "||a.example^$dnstype=A"),
        ("deny", "||a.example^$dnstype=A"),
        ("deny", "||a.example^$dnsrewrite=192.0.2.9"),
        ("deny", "/a/"),
    )
    names = compiled(tmp_path, *lines)
    assert sorted(one.index for one, _ in names.every("a.example", Type.A, ME)) == [0, 1, 2, 3]
    assert [one.index for one, _ in names.every("b.a.test", Type.MX, ME)] == [3]


def test_what_a_line_wants_said(tmp_path: pathlib.Path) -> None:
    names = compiled(tmp_path, ("deny", "||a.example^$dnsrewrite=192.0.2.9"))
    ((found, _),) = names.every("a.example", Type.A, ME)
    assert (found.action, found.says) == (Action.REWRITE, (Datum(Type.A, bytes((192, 0, 2, 9))),))


def test_addresses_in_answers(tmp_path: pathlib.Path) -> None:
    names = compiled(tmp_path, ("deny", "203.0.113.0/24"), ("allow", "203.0.113.9"))
    assert names.has_networks
    found = names.every_around(bytes((203, 0, 113, 9)), Type.A, ME)
    assert sorted((one.list, one.action) for one, _ in found) == [
        ("203.0.113.0/24", Action.BLOCK),
        ("203.0.113.9", Action.ALLOW),
    ]
    lengths = {one.list: length for one, length in found}
    assert lengths["203.0.113.9"] > lengths["203.0.113.0/24"]
    assert [one.list for one, _ in names.every_around(bytes((203, 0, 113, 1)), Type.A, ME)] == ["203.0.113.0/24"]
    assert names.every_around(bytes((192, 0, 2, 1)), Type.A, ME) == []


def test_a_line_that_cannot_be_used_is_told_and_hinders_no_other(tmp_path: pathlib.Path) -> None:
    lines: Sequence[Line] = (("deny", "/(?=x)/"), ("deny", "/ads/"))
    ((line, reason),) = compile_lines(lines, tmp_path)
    assert line == lines[0]
    assert "cannot be used" in reason
    names = RuleSet.open(tmp_path, [text for _, text in lines])
    assert matching(names, "ads.example") == [("/ads/", Action.BLOCK, 0)]


def test_too_many_about_one_name_are_told(tmp_path: pathlib.Path) -> None:
    lines: list[Line] = [("deny", f"||a.example^$dnstype=TYPE{number}") for number in range(1000, 1070)]
    refused = compile_lines(lines, tmp_path)
    assert 0 < len(refused) < len(lines)
    assert {reason for _, reason in refused} == {"too many patterns or options"}


def test_the_mark_tells_lines_and_versions_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    before = mark([("deny", "/a/")])
    assert before == mark([("deny", "/a/")])
    assert len({before, mark([("allow", "/a/")]), mark([("deny", "/b/")]), mark([])}) == 4
    monkeypatch.setattr(files, "FORMAT", -1)
    assert mark([("deny", "/a/")]) != before


def test_hostile_names_are_harmless(tmp_path: pathlib.Path) -> None:
    names = compiled(tmp_path, ("deny", "/^evil\\.example$/"), ("deny", "||a.example^$dnstype=A"))
    for name in (r"x\.a.example", r"a\046example", r"evil\.example", "\N{SNOWMAN}.example", "."):
        assert names.every(name, Type.A, ME) == []


def test_winners_are_not_settled(tmp_path: pathlib.Path) -> None:
    names = compiled(tmp_path, ("deny", "||a.example^$dnstype=A"))
    ((found, _),) = names.every("x.a.example", Type.A, ME)
    assert found == Winner(Action.BLOCK, "||a.example^$dnstype=A", 0, "a.example", "||a.example^$dnstype=A")
