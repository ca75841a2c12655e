"""As much of PromQL as it takes to say which metrics and labels an expression speaks of."""

from __future__ import annotations

import re
from typing import NamedTuple

FUNCTIONS = frozenset({"rate", "increase", "changes", "absent", "time", "histogram_quantile", "label_values"})
AGGREGATIONS = frozenset({"sum", "min", "max", "topk"})
_WORDS = frozenset({"by", "without", "and", "or", "unless", "on", "ignoring"})
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<range>\[(?:\d+[smhdw]|\$__rate_interval)\])
    |(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<sign>=~|!~|!=|>=|<=|==|[-+*/%^(){},=<>])""",
    re.VERBOSE,
)


class Spoken(NamedTuple):
    """What an expression speaks of: metrics with the labels that are matched and what they are to equal, and the labels
    that it groups by."""

    metrics: list[tuple[str, dict[str, str | None]]]
    grouped: set[str]


def spoken(expression: str) -> Spoken:
    """Raises ValueError for what is none."""
    tokens = _tokens(expression)
    metrics: list[tuple[str, dict[str, str | None]]] = []
    grouped: set[str] = set()
    place = 0
    while place < len(tokens):
        kind, text = tokens[place]
        after = tokens[place + 1][1] if place + 1 < len(tokens) else ""
        place += 1
        if kind != "word":
            continue
        if text in {"by", "without"}:
            end = tokens.index(("sign", ")"), place)
            grouped |= {word for kind, word in tokens[place:end] if kind == "word"}
            place = end + 1
        elif text in FUNCTIONS | AGGREGATIONS:
            if after not in {"(", "by", "without"}:
                raise ValueError(f"{text} of nothing in {expression}")
        elif text not in _WORDS:
            if after == "(":
                raise ValueError(f"there is no function {text}")
            matched: dict[str, str | None] = {}
            if after == "{":
                end = tokens.index(("sign", "}"), place)
                matched = _matchers(tokens[place + 1 : end])
                place = end + 1
            metrics.append((text, matched))
    return Spoken(metrics, grouped)


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, place, open = [], 0, []
    while place < len(expression):
        match = _TOKEN.match(expression, place)
        if match is None:
            raise ValueError(f"not understood: {expression[place:]}")
        place = match.end()
        kind, text = match.lastgroup or "", match[0]
        if text in {"(", "{"}:
            open.append({"(": ")", "{": "}"}[text])
        elif text in {")", "}"} and (not open or open.pop() != text):
            raise ValueError(f"{text} closes nothing in {expression}")
        if kind != "space":
            found.append((kind, text))
    if open:
        raise ValueError(f"{open} is missing in {expression}")
    return found


def _matchers(tokens: list[tuple[str, str]]) -> dict[str, str | None]:
    """Labels by what they are to equal; None where they are to match, or not to."""
    found: dict[str, str | None] = {}
    for at in range(0, len(tokens), 4):
        (_, label), (_, sign), (kind, value) = tokens[at : at + 3]
        if sign not in {"=", "!=", "=~", "!~"} or kind != "text":
            raise ValueError(f"{label} {sign} {value} is no matcher")
        found[label] = value.strip('"') if sign in {"=", "!="} else None
    return found
