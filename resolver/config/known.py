"""What a config names with one word: the lists of the catalogue, and presets, which become the lists they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from resolver.config.offered import Offered
from resolver.config.ownrule import plain_only
from resolver.config.people import Group
from resolver.config.schema import Config, ListSource
from resolver.config.values import OwnRule


class Known(Struct, frozen=True):
    """The ids of lists that need neither file nor URL, the ids of presets with the ids of the lists each means, and the
    services and search engines there are. `rule` reads the line of a list in a rule, or raises RuleError."""

    ids: frozenset[str] = frozenset()
    presets: Mapping[str, tuple[str, ...]] = {}
    offered: Offered = Offered()
    rule: Callable[[OwnRule], OwnRule] = plain_only

    def words(self) -> tuple[str, ...]:
        """Every id that may stand alone, presets first."""
        return (*self.presets, *sorted(self.ids))

    def meant(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The ids with the lists of presets in their place, each once, in the order of the first that means it."""
        return tuple(dict.fromkeys(one for id in ids for one in self.presets.get(id, (id,))))


def expand(config: Config, known: Known) -> Config:
    """The config with the lists that presets mean in their place, in `lists` and in every group, the services and
    engines that words mean, and the lines of rules read. Raises RuleError for a line that `check` would report.

    What the config says of a list by its own id outranks a preset that holds it. A list of several presets is live
    when one of them is, and looked for as often as the one that looks most often.
    """
    groups = {name: _group(group, known) for name, group in config.groups.items()}
    devices = {name: replace(device, rules=_rules(device.rules, known)) for name, device in config.devices.items()}
    lists, rules = _sources(config.lists, known), _rules(config.rules, known)
    return replace(config, lists=lists, groups=groups, devices=devices, rules=rules)


def _rules(rules: Iterable[OwnRule], known: Known) -> tuple[OwnRule, ...]:
    return tuple(known.rule(rule) for rule in rules)


def _group(group: Group, known: Known) -> Group:
    return replace(
        group,
        lists=None if group.lists is None else known.meant(group.lists),
        services=known.offered.services_of(group.services),
        safe_search=known.offered.engines_of(group.safe_search),
        rules=_rules(group.rules, known),
    )


def _sources(sources: Iterable[ListSource], known: Known) -> tuple[ListSource, ...]:
    found: dict[str, ListSource] = {}
    named = {source.id: source for source in sources if source.id not in known.presets}
    for source in sources:
        for id in known.presets.get(source.id, (source.id,)):
            found[id] = named.get(id) or _both(replace(source, id=id), found.get(id))
    return tuple(found.values())


def _both(one: ListSource, other: ListSource | None) -> ListSource:
    """One list that two presets hold."""
    if other is None:
        return one
    live = "live" in (one.mode, other.mode)
    return replace(one, mode="live" if live else "shadow", refresh=min(one.refresh, other.refresh))
