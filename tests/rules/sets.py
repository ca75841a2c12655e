"""What the tests of the compiled set share: rules of lists as values, and sets made of them."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterable
from typing import NamedTuple

from resolver.model import Client
from resolver.rules.compile import Source, compile_sources
from resolver.rules.fact import Fact
from resolver.rules.report import SourceReport
from resolver.rules.rule import Action, Cancel, Form, Network, Options, Pattern, Rule
from resolver.rules.ruleset import RuleSet, Winner
from resolver.rules.table import Table

LISTS = ("zero", "one", "two", "three")
ALL = 0b1111
A, AAAA, CNAME = 1, 28, 5
NOBODY = Client("", "default")


class Listed(NamedTuple):
    """One rule of one list, which may be an allow list."""

    source: int
    rule: Rule | Pattern | Network | Cancel
    trust: bool = False


def rule_set(listed: Iterable[Listed], names: Iterable[str] = LISTS) -> RuleSet:
    """The rules, compiled and opened."""
    table = Table()
    for index, rule, trust in listed:
        assert table.add(index, rule, trust=trust) is None
    return opened(table, names)


def opened(table: Table, names: Iterable[str] = LISTS) -> RuleSet:
    """A table, written and opened. Mapped files outlive their names."""
    with tempfile.TemporaryDirectory() as directory:
        table.write(pathlib.Path(directory))
        return RuleSet.open(pathlib.Path(directory), list(names))


def rules(*texts: str, index: int = 0, action: Action = Action.BLOCK, options: Options | None = None) -> list[Listed]:
    """Rules by their text: `x`, `||x^`, `*.x`, `*.x^`, and patterns as `/x/`."""
    forms = {("||", "^"): Form.SUBTREE, ("*.", "^"): Form.SUBDOMAINS, ("*.", ""): Form.WILDCARD}
    found = []
    for text in texts:
        if text.startswith("/"):
            found.append(Listed(index, Pattern(text[1:-1], action, text, options)))
            continue
        ends = (text[:2], "^" if text.endswith("^") else "")
        name = text[2:].removesuffix("^") if ends in forms else text
        found.append(Listed(index, Rule(name, action, forms.get(ends, Form.EXACT), options)))
    return found


def asked(tested: RuleSet, name: str, mask: int = ALL, type: int = A, client: Client = NOBODY) -> Winner | None:
    return tested.winner(name, mask, type, client)


def text(tested: RuleSet, name: str, mask: int = ALL, type: int = A, client: Client = NOBODY) -> str | None:
    found = asked(tested, name, mask, type, client)
    return None if found is None else found.text


def every(tested: RuleSet, name: str, mask: int = ALL) -> list[Winner]:
    return tested.matches(name, mask, A, NOBODY)


def source(path: pathlib.Path, data: bytes, **fields: object) -> Source:
    path.write_bytes(data)
    values = {"index": 0, "id": path.stem, "path": path, **fields}
    return Source(**values)  # type: ignore[arg-type]  # the fields are written out by each test


def compiled(tmp_path: pathlib.Path, data: bytes, **fields: object) -> tuple[dict[str, list[Fact]], SourceReport]:
    (report,) = compile_sources([source(tmp_path / "ads.txt", data, **fields)], tmp_path)
    return {name: list(facts) for name, facts in RuleSet.open(tmp_path, ["ads"]).items()}, report
