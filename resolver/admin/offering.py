"""The lists that could be in use: the catalogue, and taking lists into use and out of it, which people choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from resolver.admin.choices import Choosing
from resolver.admin.listchoices import Mode, put, used, without
from resolver.admin.offerbodies import CatalogueInfo, InUse, OfferedList, OfferedPreset
from resolver.admin.parts import Parts
from resolver.config.leaves import shown
from resolver.config.schema import Config
from resolver.errors import ApiError
from resolver.lists.catalogue import Entry

PATH = "lists"
"""Where a config says which lists are in use."""


class Offering:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], choices: Choosing) -> None:
        """`config` gives the config in force."""
        self._catalogue = parts.catalogue
        self._config = config
        self._choices = choices

    def catalogue(self) -> CatalogueInfo:
        """Every list and preset that is known by name: at once."""
        modes = self._modes()
        words = used(_said(self._choices.value(PATH)))
        lists = [_list(entry, modes.get(entry.id, "")) for entry in self._catalogue.entries.values()]
        presets = [
            OfferedPreset(one.id, one.title, one.means, one.lists, _mode(words[one.id]) if one.id in words else "")
            for one in self._catalogue.presets.values()
        ]
        return CatalogueInfo(lists, presets)

    def offered(self, id: str) -> OfferedList | None:
        """A list of the catalogue; None for one that is not there."""
        entry = self._catalogue.entries.get(id)
        return None if entry is None else _list(entry, self._modes().get(id, ""))

    def groups(self) -> dict[str, tuple[str, ...]]:
        """The lists in use, and which groups use each."""
        config = self._config()
        used_by = {group: frozenset(config.lists_of(group)) for group in config.groups}
        return {one.id: tuple(group for group in used_by if one.id in used_by[group]) for one in config.lists}

    async def use(self, id: str, mode: Mode, who: str) -> str:
        """Have a list or preset of the catalogue, or a list in use, in use in that mode; why it is not in force
        everywhere yet, "" when it is."""
        self._check(id)
        return await self._change(lambda value: put(value, id, mode), who)

    async def add(self, id: str, mode: Mode, more: Mapping[str, object], who: str) -> str:
        """Have a list of one's own in use: `more` is what the config would say of it."""

        def added(value: list[object]) -> list[object]:
            if id in used(value) or id in self._modes():
                raise ApiError(409, "conflict", f"a list {shown(id)} is in use already: give it another id", "id")
            return put(value, id, mode, more)

        if id in self._catalogue.entries or id in self._catalogue.presets:
            raise ApiError(409, "conflict", f"the catalogue has a list {shown(id)}: give it another id", "id")
        return await self._change(added, who)

    async def remove(self, id: str, who: str) -> str:
        """Have a list or a preset in use no more. Of a preset that means the list the others stay."""
        self._check(id)
        presets = {preset.id: preset.lists for preset in self._catalogue.presets.values()}

        def rest(value: list[object]) -> list[object]:
            after = without(value, id, presets)
            if after == value:
                raise ApiError(404, "not-found", f"{id} is not in use", "id")
            return after

        return await self._change(rest, who)

    def _check(self, id: str) -> None:
        known = {*self._catalogue.entries, *self._catalogue.presets, *self._modes()}
        if id not in known:
            raise ApiError(404, "not-found", f"there is no list {shown(id[:64])}, in use or in the catalogue", "id")

    async def _change(self, how: Callable[[list[object]], list[object]], who: str) -> str:
        return (await self._choices.change(PATH, lambda value: how(_said(value)), who)).note

    def _modes(self) -> dict[str, InUse]:
        return {one.id: one.mode for one in self._config().lists}


def _said(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _mode(said: Mapping[str, object]) -> InUse:
    return "shadow" if said.get("mode") == "shadow" else "live"


def _list(entry: Entry, mode: InUse) -> OfferedList:
    return OfferedList(
        entry.id,
        entry.title,
        entry.kind,
        entry.category,
        entry.level,
        entry.blocks,
        entry.breaks,
        entry.language,
        entry.note,
        entry.homepage,
        entry.licence,
        entry.since,
        mode,
    )
