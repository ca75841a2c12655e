"""`lull services`: what a group can block in one word, by kind, and whose search can be made safe. Needs no daemon."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, note, table
from resolver.config.offered import KINDS, Engine, Offered, Service
from resolver.paths import PRODUCT


def run(arguments: Namespace) -> int:
    """Show what fits every word: a kind, or else a part of an id, a title or a name. FAILED if nothing does."""
    offered = Offered.load()
    words = {word.lower() for word in arguments.words}
    kinds, parts = words & set(KINDS), words - set(KINDS)
    services = [one for one in offered.services.values() if kinds <= {one.kind} and _named(parts, one)]
    engines = [one for one in offered.engines.values() if not kinds and _named(parts, one)]
    if arguments.json:
        as_json({"services": services, "engines": engines})
        return OK
    if not services and not engines:
        said = " ".join(arguments.words)
        note(f"no service fits {said}; words are a kind ({', '.join(KINDS)}), or a part of an id, a title or a name")
        return FAILED
    if words:
        _in_full(services, engines)
    else:
        _by_kind(services, engines)
    return OK


def _named(parts: set[str], one: Service | Engine) -> bool:
    texts = (one.id, one.title.lower(), *one.names)
    return all(any(part in text for text in texts) for part in parts)


def _by_kind(services: Sequence[Service], engines: Sequence[Engine]) -> None:
    rows = [(kind, [one.id for one in services if one.kind == kind]) for kind in KINDS]
    table(("KIND", "SERVICES"), [(kind, f"{len(ids)}: {', '.join(ids)}") for kind, ids in rows if ids])
    line()
    line(f"safe search for: {', '.join(one.id for one in engines)}")
    line(f"more about one, or about a kind: {PRODUCT} services WORD")


def _in_full(services: Sequence[Service], engines: Sequence[Engine]) -> None:
    if services:
        table(
            ("ID", "KIND", "TITLE", "NAMES"), [(one.id, one.kind, one.title, " ".join(one.names)) for one in services]
        )
    if services and engines:
        line()
    if engines:
        head = ("SAFE SEARCH", "TITLE", "NAMES", "BECOME")
        table(head, [(one.id, one.title, _short(one.names), one.target) for one in engines])


def _short(names: Sequence[str]) -> str:
    """The names, or the first of many."""
    return " ".join(names) if len(names) <= 5 else f"{' '.join(names[:3])} and {len(names) - 3} more"
