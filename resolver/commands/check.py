"""`lull check`: everything that is wrong with a config, all at once."""

from __future__ import annotations

import contextlib
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import starmap

from resolver.commands.outcome import OK, USAGE
from resolver.commands.output import as_json, line
from resolver.config.chosen import Choice, remembered
from resolver.config.doubts import doubts
from resolver.config.leaves import shown
from resolver.config.load import Overrides, read
from resolver.config.schema import Config
from resolver.config.settled import Settled, Source, settle
from resolver.errors import ConfigError, Problem, TextError
from resolver.lists.catalogue import Catalogue
from resolver.paths import PRODUCT, choices_file, config_file
from resolver.repair.domains import Domains


def run(arguments: Namespace) -> int:
    file = config_file(arguments.config)
    try:
        source = Source(read(file), file, Catalogue.load().known(), Overrides(state=arguments.state))
        config = source.config()
        settled = settle(source, _chosen(config))
    except ConfigError as error:
        if arguments.json:
            as_json({"file": str(file), "fine": False, "problems": [problem._asdict() for problem in error.problems]})
        else:
            _tell(error.problems)
        return USAGE
    counts, warnings = _counts(config), [*doubts(config), *_too_wide(config), *_left_out(settled)]
    chosen = [one.path for one in settled.choices]
    if arguments.json:
        as_json({"file": str(file), "fine": True, "problems": [], "warnings": warnings, "chosen": chosen, **counts})
        return OK
    line(f"{file}: config is fine: " + ", ".join(starmap(_counted, counts.items())))
    for text in warnings:
        line(f"{file}: but {text}")
    if chosen:
        settings = "1 setting is" if len(chosen) == 1 else f"{len(chosen)} settings are"
        line(f"{settings} chosen in the admin, and outrank it: {', '.join(chosen)}; `{PRODUCT} settings` shows more")
    return OK


def _chosen(config: Config) -> tuple[Choice, ...]:
    """What was chosen, as far as that can be read here."""
    with contextlib.suppress(OSError, TextError):
        return remembered(choices_file(config.state))
    return ()


def _left_out(settled: Settled) -> Iterator[str]:
    for path, why in settled.left_out.items():
        yield f"what was chosen for {path} does not fit it and is left out: {why}"


def _too_wide(config: Config) -> Iterator[str]:
    """Sites below which there are those of many owners."""
    domains = Domains()
    for number, site in enumerate(config.sites):
        if domains.is_public(site.site):
            yield f"sites[{number}].site: {shown(site.site)} is a public suffix: every site below it is meant"


def _counted(what: str, count: int) -> str:
    return f"{count} {what.removesuffix('s') if count == 1 else what}"


def _tell(problems: Sequence[Problem]) -> None:
    for problem in problems:
        line(str(problem))


def _counts(config: Config) -> dict[str, int]:
    return {
        "lists": len(config.lists),
        "groups": len(config.groups),
        "devices": len(config.devices),
        "sites": len(config.sites),
        "rules": len(config.rules),
        "records": len(config.records),
        "upstreams": len(config.upstreams),
    }
