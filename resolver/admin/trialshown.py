"""How a repair stands, for people."""

from __future__ import annotations

from typing import assert_never

from resolver.admin.sitebodies import TrialInfo
from resolver.repair.trial import Trial


def shown(site: str, client: str, trial: Trial, now: float) -> TrialInfo:
    """A trial of a site on a device, at a Unix time."""
    until = trial.until if trial.now and trial.until > now else None
    return TrialInfo(
        site,
        client,
        trial.stage,
        trial.names,
        len(trial.units),
        trial.left,
        len(trial.answers),
        until,
        _sentence(site, client, trial, over=until is None),
    )


def _sentence(site: str, client: str, trial: Trial, *, over: bool) -> str:
    match trial.stage:
        case "kept":
            return f"{site} is repaired: there is a site rule now"
        case "elsewhere":
            return (
                f"{site} does not work with all of these allowed either: what is missing is not blocked here, or is "
                "not asked for yet"
            )
        case "contradiction":
            return "it worked with fewer names than it did not work with: begin again with try"
        case "found":
            return f"{site} needs {_these(trial)} on {client}, and nothing else that was tried"
        case "trying":
            if over:
                return "the ten minutes are over: try goes on from there"
            return f"{_these(trial)} can be reached on {client}: wait ten seconds, reload the page, and say how it is"
    assert_never(trial.stage)


def _these(trial: Trial) -> str:
    names = trial.names
    if len(names) == 1:
        return names[0]
    return f"{len(names)} names of {trial.now[0] if len(trial.now) == 1 else f'{len(trial.now)} domains'}"
