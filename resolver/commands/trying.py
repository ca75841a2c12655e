"""`lull lists try`: what a list would do if it were in use."""

from __future__ import annotations

import pathlib
from argparse import Namespace

from resolver.admin.bodies import Count
from resolver.admin.listbodies import Affected, Effect, Tried, Trying
from resolver.commands.api import connect, decode
from resolver.commands.listshown import reasons
from resolver.commands.outcome import OK
from resolver.commands.output import GREEN, YELLOW, as_json, field, line, size, table, when
from resolver.commands.progress import waited
from resolver.errors import TextError
from resolver.lists.catalogue import Catalogue
from resolver.paths import PRODUCT

_SHOWN = 30  # names
_DEVICES = 3


def run(arguments: Namespace) -> int:
    """Have the daemon try a list out, and print what it found."""
    if len(arguments.ids) != 1:
        raise TextError("lists try takes one URL, file, or id of the catalogue")
    asked = _asked(arguments)
    api = connect(arguments)
    data = waited(api, api.post("lists/try", asked))
    tried = decode(data, Tried)
    if arguments.json:
        as_json(data)
    else:
        _text(tried)
    return OK


def _asked(arguments: Namespace) -> Trying:
    """What is meant: a URL, an id of the catalogue, or else a file of the daemon's machine."""
    (text,) = arguments.ids
    how = {"syntax": arguments.syntax, "kind": arguments.kind, "subdomains": arguments.subdomains}
    if "://" in text:
        return Trying(url=text, days=arguments.days, **how)
    if text in (catalogue := Catalogue.load()).entries or text in catalogue.presets:
        return Trying(id=text, days=arguments.days, **how)
    if "/" not in text and "." not in text and not pathlib.Path(text).exists():
        worth = f"what a list in use is worth: {PRODUCT} lists {text}"
        raise TextError(f"{text!r} is neither a URL, nor a file, nor an id of the catalogue; {worth}")
    return Trying(file=str(pathlib.Path(text).absolute()), days=arguments.days, **how)


def _text(tried: Tried) -> None:
    line(head=tried.url)
    field("size", f"{size(tried.bytes)}, {tried.lines:,} lines, read as {tried.syntax}")
    more = ((tried.names, "names"), (tried.patterns, "patterns"), (tried.networks, "networks"))
    field(
        "rules",
        f"{tried.rules:,}: " + ", ".join(f"{count:,} {what}" for count, what in more if count or what == "names"),
    )
    field("skipped", reasons(tried.skipped_by) or "nothing")
    for number, text, reason in tried.samples[:_DEVICES]:
        field("", f"line {number:,}, {reason}: {text}")
    if tried.refused:
        line(f" {tried.refused}", head="the update guard would refuse it:", colour=YELLOW)
    else:
        line(head="the update guard would take it", colour=GREEN)
    overlaps = [f"{other.id} has {other.names:,}{_share(other.names, tried.names)}" for other in tried.overlaps]
    field("new", f"{tried.new:,} of its {tried.names:,} names are on no list in use")
    field("others", "; ".join(overlaps) or "none")
    if tried.unknown:
        line(f"what it would change here is not known: {tried.unknown}")
    since = f"by the log since {when(tried.since)} it would newly"
    verb = "allow" if tried.kind == "allow" else "block"
    for what, effect in (("block", tried.blocks), ("allow", tried.allows)):
        if effect is not None and (effect.names or what == verb):
            _effect(f"{since} {what}", effect)


def _effect(head: str, effect: Effect) -> None:
    line()
    line(f"{head} {effect.names:,} names, {effect.queries:,} queries")
    if effect.shown:
        table(("NAME", "QUERIES", "RULE", "DEVICES"), map(_row, effect.shown[:_SHOWN]))
    if effect.names > _SHOWN:
        line(f"and {effect.names - _SHOWN:,} names more; --json shows {len(effect.shown):,} of them")
    if effect.left_out:
        line(f"{effect.left_out:,} names that were asked for less often were not looked into")


def _row(one: Affected) -> tuple[str, ...]:
    first, rest = one.devices[:_DEVICES], one.more + max(len(one.devices) - _DEVICES, 0)
    devices = ", ".join(map(_device, first)) + (f" and {rest:,} more" if rest else "")
    return one.name, f"{one.count:,}", one.rule, devices


def _device(one: Count) -> str:
    return f"{one.value or 'not kept'} ({one.count:,})"


def _share(part: int, whole: int) -> str:
    return f" ({100 * part // whole} %)" if whole else ""
