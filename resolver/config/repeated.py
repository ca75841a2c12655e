"""What a config gives twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from resolver.config.report import Report


def twice(found: Iterable[tuple[str, Hashable, str]], report: Report, advice: str = "remove one") -> None:
    """Reports what stands at a second path; each is (path, what it is, how to speak of it)."""
    first: dict[Hashable, str] = {}
    for path, what, said in found:
        if what in first:
            report.add(path, f"{said} is already at {place(first[what], report)}; {advice}")
        else:
            first[what] = path


def place(path: str, report: Report) -> str:
    """A path with its line, as messages show it."""
    found = report.where(path)
    return f"{found.path} (line {found.line})" if found.line else found.path
