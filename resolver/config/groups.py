"""What a group says of services, safe search and blocked answers, held against what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from resolver.config.known import Known
from resolver.config.leaves import shown
from resolver.config.nodes import joined
from resolver.config.offered import ALL
from resolver.config.read import likely
from resolver.config.report import Report
from resolver.config.schema import Config
from resolver.paths import PRODUCT


def check(config: Config, known: Known, report: Report) -> None:
    """Reports every mistake."""
    offered = known.offered
    for name, group in config.groups.items():
        at = joined("groups", name)
        _words(f"{at}.services", group.services, offered.words(), _no_service, report)
        _words(f"{at}.safe-search", group.safe_search, (ALL, *offered.engines), _no_engine, report)
        for id in group.safe_search:
            other = offered.engines[id].instead if id in offered.engines else ""
            if other and other in group.safe_search:
                report.add(f"{at}.safe-search", f"{shown(id)} and {shown(other)} exclude each other; keep one")
        _blocking(config, name, f"{at}.blocking", report)


def _no_service(word: str, words: Iterable[str]) -> str:
    advice = likely(word, words) or f"; `{PRODUCT} services` shows what there is"
    return f"there is no service or kind of services {shown(word)}{advice}"


def _no_engine(word: str, words: Iterable[str]) -> str:
    return f"{shown(word)} is no search engine that can be made safe{likely(word, words)}; there are {', '.join(words)}"


def _words(
    path: str, given: Sequence[str], words: Sequence[str], none: Callable[[str, Iterable[str]], str], report: Report
) -> None:
    first: dict[str, str] = {}
    for at, word in zip(report.paths(path, len(given)), given, strict=True):
        if word in first:
            report.add(at, f"{shown(word)} is already at {first[word]}; remove one")
        elif word not in words and not report.lost(at):
            report.add(at, none(word, words))
        first.setdefault(word, at)


def _blocking(config: Config, group: str, path: str, report: Report) -> None:
    lost = any(map(report.lost, ("blocking.mode", f"{path}.mode", path)))
    if lost or report.incomplete("blocking.addresses") or report.incomplete(f"{path}.addresses"):
        return
    own, blocking = config.groups[group].blocking, config.blocking_of(group)
    if own.mode == "address" and not blocking.addresses:
        report.add(f"{path}.addresses", "mode address needs the addresses to answer with, such as [192.0.2.1]")
    if blocking.mode != "address" and own.addresses:
        report.add(
            f"{path}.addresses", f"mode {blocking.mode} has no addresses; remove them, or write mode: address here"
        )
