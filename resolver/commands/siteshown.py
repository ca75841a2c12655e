"""What the command prints of sites: rules, suspects, how a repair stands, and always what to type next."""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote

from resolver.admin.sitebodies import SiteDetail, SiteInfo, SiteResult, SuspectInfo, Suspects, TrialInfo
from resolver.commands.output import GREEN, YELLOW, line, table, when, when_or, whom
from resolver.config.leaves import show_window
from resolver.paths import PRODUCT

_SHOWN = 15  # suspects
_NAMES = 2  # of one suspect
_TRIED = 12  # names on trial
_COLOURS = {"found": GREEN, "kept": GREEN, "elsewhere": YELLOW, "contradiction": YELLOW}
_HEADS = {
    "trying": "on trial",
    "found": "found",
    "elsewhere": "not found",
    "contradiction": "contradiction",
    "kept": "kept",
}


def rules(found: Iterable[SiteInfo]) -> None:
    """A table of site rules, and what is odd about any."""
    found = list(found)
    table(("SITE", "ALLOWS", "WINDOW", "FOR", "UNTIL", "HITS", "BY", "COMMENT"), map(_row, found))
    for rule in found:
        if rule.note:
            line(f"{rule.site}: {rule.note}")


def _row(rule: SiteInfo) -> tuple[str, ...]:
    until = when_or(rule.until, "for good")
    who = whom(rule.client, rule.group)
    by = rule.who or rule.origin
    return rule.site, rule.what, show_window(rule.window), who, until, f"{rule.hits:,}", by, rule.comment


def detail(one: SiteDetail) -> None:
    """What there is about a site."""
    if one.hint:
        line(one.hint)
    if one.rules:
        rules(one.rules)
    else:
        line(f"{one.site} has no rule")
    for going_on in one.trials:
        trial(going_on)
    if one.lately:
        line(f"lately on it: {', '.join(one.lately)}")
    device = quote(one.lately[0]) if one.lately else "DEVICE"
    line(f"is it broken? what may be missing there: {PRODUCT} site {quote(one.site)} --client {device}")


def suspects(found: Suspects) -> None:
    """Who may be missing on a site, for a device."""
    if found.hint:
        line(found.hint)
    if found.unknown:
        line(f"what may be missing is not known: {found.unknown}")
        line(f"to try names of your own: {_command(found.site, found.client, 'try NAME …')}")
        return
    if not found.visits:
        line(f"{found.client} was not on {found.site} since {when(found.since)}: load the page there, and look again")
        return
    visits = f"{found.visits} visit{'s' if found.visits > 1 else ''}"
    loads = f"{found.loads} load{'s' if found.loads != 1 else ''}"
    line(f"{found.site} on {found.client}: {visits} since {when(found.since)}, {loads} looked at")
    if not found.suspects:
        line("nothing that was asked for with it is blocked: if it is broken, blocking is not why")
        return
    table(("SUSPECT", "LOADS", "LIFT", "BLOCKED BY", "ALSO SERVES", ""), map(_suspect, found.suspects[:_SHOWN]))
    line("LIFT: how many times as often the device asks for it after the site as at other times")
    if len(found.suspects) > _SHOWN:
        line(f"and {len(found.suspects) - _SHOWN} more; --json shows all")
    if found.trial is not None:
        trial(found.trial)
    elif any(one.worth for one in found.suspects):
        line(f"to allow them there for ten minutes: {_command(found.site, found.client, 'try')}")


def _suspect(one: SuspectInfo) -> tuple[str, ...]:
    names = " ".join(it.name for it in one.names[:_NAMES]) + _more(len(one.names) - _NAMES)
    rules = list(dict.fromkeys(it.rule for it in one.names))
    by = rules[0] + _more(len(rules) - 1)
    loads, lift = f"{one.with_site} of {one.loads}", f"{one.lift:,.0f}" if one.lift >= 10 else f"{one.lift:.1f}"
    return names, loads, lift, by, " ".join(one.others) or "-", one.why


def _more(count: int) -> str:
    return f" and {count:,} more" if count > 0 else ""


def trial(one: TrialInfo) -> None:
    """How a repair stands, and what to type next."""
    line(f"  {one.sentence}", head=_HEADS[one.stage], colour=_COLOURS.get(one.stage, 0))
    names = [] if one.stage == "trying" and one.until is None else one.names
    for name in names[:_TRIED]:
        line(f"  {name}")
    if more := _more(len(names) - _TRIED):
        line(f" {more}; --json shows all")
    if not one.effective:
        line(f"  not in force everywhere yet: {one.note}")
    match one.stage:
        case "trying":
            _trying(one)
        case "found":
            _next(one, ("keep it", "keep"), ("for everyone", "keep --everyone"), ("take it back", "undo"))
        case "kept":
            _next(one, ("take it back", "undo"))
        case "elsewhere":
            pause = f"{PRODUCT} pause 10m --client {quote(one.client)}"
            line(f"  does it work without any blocking? {pause}")
            _next(one, ("begin again", "try"), ("forget it", "undo"))
        case "contradiction":
            _next(one, ("begin again", "try"), ("forget it", "undo"))


def _trying(one: TrialInfo) -> None:
    if one.until is None:
        _next(one, ("go on", "try"), ("take it back", "undo"))
        return
    line(f"  until {when(one.until)}; {one.left} of {one.of} suspects could be what is missing")
    _next(one, ("it works now", "works"), ("it is still broken", "broken"), ("that is enough", "keep"))


def _next(one: TrialInfo, *ways: tuple[str, str]) -> None:
    width = max(len(title) for title, _ in ways)
    for title, action in ways:
        line(f"  {title + ':':<{width + 1}} {_command(one.site, one.client, action)}")


def _command(site: str, client: str, action: str) -> str:
    return f"{PRODUCT} site {quote(site)} {action} --client {quote(client)}"


def result(made: SiteResult) -> None:
    """What became of a change to a rule."""
    if made.hint:
        line(made.hint)
    rule = made.rule or made.before
    if rule is None:
        return
    who = whom(rule.client, rule.group)
    if made.rule is None:
        line(f"the rule of {rule.site} for {who} allowed nothing else, and is gone")
    else:
        until = "" if rule.until is None else f", until {when(rule.until)}"
        when_on = "always" if rule.window is None else f"on {rule.site}, and for {show_window(rule.window)} after"
        line(f" {rule.what} for {who}: {when_on}{until}", head="allow", colour=GREEN)
    if not made.changed:
        line("  it already was so")
    force = "in force everywhere" if made.effective else f"not in force everywhere yet: {made.note}"
    line(f"  {force}" + (f"; to take it back: {PRODUCT} undo" if made.changed else ""))
