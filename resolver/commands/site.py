"""`lull sites` and `lull site`: what is allowed on which site, and repairing one that blocking broke."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping

from resolver.admin.bodies import Done
from resolver.admin.sitebodies import (
    Answered,
    Keeping,
    NewSiteRule,
    NewTrial,
    SiteDetail,
    SiteInfo,
    SiteNames,
    SiteResult,
    Suspects,
    TrialInfo,
    Undoing,
)
from resolver.commands import siteshown
from resolver.commands.api import A_WHILE, Api, connect, decode, segment
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, whom
from resolver.errors import TextError
from resolver.paths import PRODUCT

_ALL = ["all"]
_WINDOW = "10m"


def every(arguments: Namespace) -> int:
    """Show every site rule."""
    data = connect(arguments).get("sites")
    rules = decode(data, list[SiteInfo])
    if arguments.json:
        as_json(data)
    elif rules:
        siteshown.rules(rules)
    else:
        line(f"no site rules yet; to repair a site that is broken: {PRODUCT} site SITE --client DEVICE")
    return OK


def run(arguments: Namespace) -> int:
    """Show a site, or do what is said."""
    _check(arguments)
    api = connect(arguments)
    return _show(arguments, api) if arguments.action is None else _DOES[arguments.action](arguments, api)


def _show(arguments: Namespace, api: Api) -> int:
    """The rules of a site, and with a device who may be missing there."""
    path = _path(arguments)
    if arguments.client:
        exact = _exact(arguments)
        data = api.get(f"{path}/suspects", wait=A_WHILE, client=arguments.client, days=arguments.days, exact=exact)
        if arguments.json:
            as_json(data)
        else:
            siteshown.suspects(decode(data, Suspects))
        return OK
    data = api.get(path, exact=_exact(arguments))
    if arguments.json:
        as_json(data)
    else:
        siteshown.detail(decode(data, SiteDetail))
    return OK


def _try(arguments: Namespace, api: Api) -> int:
    new = NewTrial(arguments.client, arguments.names, arguments.days, exact=arguments.exact)
    return _trial(arguments, api.post(f"{_path(arguments)}/try", new, wait=A_WHILE))


def _answer(arguments: Namespace, api: Api) -> int:
    said = Answered(arguments.client, works=arguments.action == "works", exact=arguments.exact)
    return _trial(arguments, api.post(f"{_path(arguments)}/answer", said, wait=A_WHILE))


def _keep(arguments: Namespace, api: Api) -> int:
    keeping = Keeping(
        arguments.client,
        arguments.group or "",
        for_everyone=arguments.everyone,
        window=arguments.window or _WINDOW,
        comment=arguments.comment,
        exact=arguments.exact,
    )
    return _trial(arguments, api.post(f"{_path(arguments)}/keep", keeping))


def _undo(arguments: Namespace, api: Api) -> int:
    data = api.post(f"{_path(arguments)}/undo", Undoing(arguments.client, exact=arguments.exact))
    undone = decode(data, TrialInfo)
    if arguments.json:
        as_json(data)
    else:
        line(f"the repair of {undone.site} for {undone.client} is taken back{_force(undone)}")
    return OK if undone.effective else FAILED


def _trial(arguments: Namespace, data: bytes) -> int:
    trial = decode(data, TrialInfo)
    if arguments.json:
        as_json(data)
    else:
        siteshown.trial(trial)
    return OK if trial.effective else FAILED


def _allow(arguments: Namespace, api: Api) -> int:
    terms = {
        "window": arguments.window or _WINDOW,
        "client": arguments.client or "",
        "group": arguments.group or "",
        "duration": arguments.duration,
        "comment": arguments.comment,
        "exact": arguments.exact,
    }
    path = _path(arguments)
    if _is_all(arguments.names):
        return _result(arguments, api.put(path, NewSiteRule("all", **terms)))
    return _result(arguments, api.post(f"{path}/allow", SiteNames(arguments.names, **terms)))


def _remove(arguments: Namespace, api: Api) -> int:
    gone = SiteNames(arguments.names, client=arguments.client or "", group=arguments.group or "", exact=arguments.exact)
    return _result(arguments, api.post(f"{_path(arguments)}/remove", gone))


def _result(arguments: Namespace, data: bytes) -> int:
    result = decode(data, SiteResult)
    if arguments.json:
        as_json(data)
    else:
        siteshown.result(result)
    return OK if result.effective else FAILED


def _delete(arguments: Namespace, api: Api) -> int:
    data = api.delete(_path(arguments), client=arguments.client, group=arguments.group, exact=_exact(arguments))
    done = decode(data, Done)
    if arguments.json:
        as_json(data)
    else:
        scope = whom(arguments.client or "", arguments.group or "")
        line(f"the rule of {arguments.site} for {scope} is gone{_force(done)}; to take it back: {PRODUCT} undo")
    return OK if done.effective else FAILED


def _force(done: Done | TrialInfo) -> str:
    return "" if done.effective else f", but not everywhere yet: {done.note}"


def _path(arguments: Namespace) -> str:
    return f"sites/{segment(arguments.site)}"


def _is_all(names: list[str]) -> bool:
    """Whether the word for every name stands there, alone."""
    return [name.lower() for name in names] == _ALL


def _exact(arguments: Namespace) -> str | None:
    return "true" if arguments.exact else None


_DOES: Mapping[str, Callable[[Namespace, Api], int]] = {
    "try": _try,
    "works": _answer,
    "broken": _answer,
    "keep": _keep,
    "undo": _undo,
    "allow": _allow,
    "remove": _remove,
    "delete": _delete,
}

ACTIONS = tuple(_DOES)

_OF_A_DEVICE = {"try", "works", "broken", "keep", "undo"}
_ONLY = {  # options, and the actions that they are for
    "group": {"keep", "allow", "remove", "delete"},
    "everyone": {"keep"},
    "window": {"keep", "allow"},
    "duration": {"allow"},
    "comment": {"keep", "allow"},
}
_WRITTEN = {"duration": "for"}


def _check(arguments: Namespace) -> None:
    """That what was typed fits together. Raises TextError."""
    action = arguments.action
    for option, actions in _ONLY.items():
        if getattr(arguments, option) and action not in actions:
            raise TextError(f"--{_WRITTEN.get(option, option)} is for: {', '.join(a for a in ACTIONS if a in actions)}")
    if arguments.names and action not in {"try", "allow", "remove"}:
        raise TextError(f"names are for try, allow and remove, as in: {PRODUCT} site {arguments.site} allow NAME")
    if action in {"allow", "remove"} and not arguments.names:
        raise TextError(f"{action} what? As in: {PRODUCT} site {arguments.site} {action} NAME")
    if action == "allow" and any(_is_all([name]) for name in arguments.names) and not _is_all(arguments.names):
        raise TextError("all stands alone: it is every name there is")
    if action in _OF_A_DEVICE and not arguments.client:
        raise TextError("on which device? Say --client DEVICE: its address, MAC address or name")
    if arguments.client and arguments.group and action != "keep":
        raise TextError("give --client or --group, not both")
    if arguments.everyone and arguments.group:
        raise TextError("give --everyone or --group, not both")
