"""What every syntax calls a comment, and the names that hosts files hold for the machine itself."""

from __future__ import annotations

import re

_TAIL = re.compile(r"\s#")

COMMON_SINKS = frozenset(("0.0.0.0", "127.0.0.1", "::", "::1"))  # noqa: S104  (read in files; nothing is bound)
"""The addresses that lead nowhere, as hosts files spell them; `hosts` knows the rest of 127.0.0.0/8."""

_OF_THE_MACHINE = frozenset(
    (
        "localhost",
        "localhost.localdomain",
        "localhost4",
        "localhost4.localdomain4",
        "localhost6",
        "localhost6.localdomain6",
        "local",
        "localdomain",
        "loopback",
        "broadcasthost",
    )
)
_NEVER = _OF_THE_MACHINE | COMMON_SINKS


def is_comment(line: str) -> bool:
    """Whether a line is empty, `# …`, `! …` or a header such as `[Adblock Plus 2.0]`."""
    return not line or line[0] in "#!" or (line[0] == "[" and line[-1] == "]" and not line.startswith("[$"))


def without_tail(line: str) -> str:
    """A line without the comment that a `#` after a blank begins; a `#` inside a name is left."""
    if "#" not in line:
        return line
    tail = _TAIL.search(line)
    return line if tail is None else line[: tail.start()].rstrip()


def is_never_a_rule(name: str) -> bool:
    """Whether a name of a hosts or domains line is the machine's own business: `localhost`, `ip6-…`, `0.0.0.0` …"""
    lower = name.lower().removesuffix(".")
    return lower in _NEVER or (lower.startswith("ip6-") and "." not in lower)
