"""A text of many rules, a line each: what it means, and what became of each line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from resolver.admin.rulebodies import BULK_LINES, BulkLine, BulkResult
from resolver.errors import ApiError, RuleError
from resolver.rules.ownrule import each
from resolver.store.rules import Added, NewRule

_SHOWN = 200


class Bulk:
    """The lines of a text: `wanted` are the rules that they mean, in their order."""

    def __init__(self, text: str, action: Literal["allow", "deny", ""], scope: NewRule) -> None:
        """`scope` is what all the rules have alike. Raises ApiError for a text of too many lines."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) > BULK_LINES:
            raise ApiError(400, "invalid", f"{len(lines):,} lines; at most {BULK_LINES:,} go at once", "text")
        self.wanted: list[NewRule] = []
        self._lines: list[tuple[int, str, int, str]] = []  # number, text, how many rules, why it is none
        for number, line in enumerate(lines, 1):
            try:
                rules = each(line, action)
            except RuleError as error:
                self._lines.append((number, line[:_SHOWN], 0, str(error)))
                continue
            if rules:
                self._lines.append((number, line[:_SHOWN], len(rules), ""))
            for rule in rules:
                values = {"action": rule.action, "name": rule.name, "exact": rule.exact, "text": rule.line}
                self.wanted.append(replace(scope, **values))

    def result(self, added: Sequence[Added], note: str, change: int | None) -> BulkResult:
        """What became of the lines; `added` is what came of each rule that is wanted."""
        lines = []
        start = 0
        for number, text, count, why in self._lines:
            found = added[start : start + count]
            start += count
            if why:
                lines.append(BulkLine(number, text, "error", why))
            elif new := [one.rule for one in found if one.created]:
                lines.append(BulkLine(number, text, "added", id=new[0].id))
            else:
                lines.append(BulkLine(number, text, "holds", f"it is what {found[0].rule} says", found[0].rule.id))
        outcomes = [line.outcome for line in lines]
        counts = {outcome: outcomes.count(outcome) for outcome in ("added", "holds", "error")}
        return BulkResult(
            lines,
            added=counts["added"],
            holds=counts["holds"],
            errors=counts["error"],
            effective=not note,
            note=note,
            change=change,
            replaced=sum(len(one.replaced) for one in added),
        )
