"""Services that groups block, and engines whose search is made safe, as people choose them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from resolver.admin.choicebodies import Chosen
from resolver.admin.choices import Choosing
from resolver.admin.parts import Parts
from resolver.admin.servicebodies import EngineInfo, ServiceInfo, Services
from resolver.config.leaves import shown
from resolver.config.offered import ALL, KINDS
from resolver.config.read import likely
from resolver.config.schema import Config
from resolver.errors import ApiError


class Serving:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], choices: Choosing) -> None:
        """`config` gives the config in force."""
        self._offered = parts.catalogue.offered
        self._config = config
        self._choices = choices

    def every(self) -> Services:
        """What there is to block, and who does. From memory."""
        groups, schedules = self._config().groups.items(), self._config().schedules.items()
        timed = {name: {one.word for one in said.block if one.kind == "service"} for name, said in schedules}
        offered = self._offered
        services = [
            ServiceInfo(
                id,
                one.title,
                one.kind,
                len(one.names),
                [name for name, group in groups if id in group.services],
                [name for name, ids in timed.items() if id in ids],
            )
            for id, one in offered.services.items()
        ]
        engines = [
            EngineInfo(id, one.title, [name for name, group in groups if id in group.safe_search])
            for id, one in offered.engines.items()
        ]
        kinds = {one.kind for one in services}
        return Services(services, engines, [kind for kind in KINDS if kind in kinds])

    async def block(self, group: str, among: Collection[str], on: Collection[str], who: str) -> Chosen:
        """Have a group block those of some services (`among`, by ids) that are `on`, and not the others of them; what
        else it blocks stays."""

        def words(_: object) -> list[str]:
            there = self._config().groups[self._group(group)].services
            ids = {*(id for id in there if id not in among), *(id for id in on if id in among)}
            return list(self._offered.by_kind(id for id in self._offered.services if id in ids))

        return await self._choices.change(f"groups.{self._group(group)}.services", words, who)

    async def make_safe(self, group: str, on: Iterable[str], who: str) -> Chosen:
        """Have the search of these engines, and of no others, be safe for a group."""
        known = [id for id in self._offered.engines if id in set(on)]
        words = [ALL] if known and tuple(known) == self._offered.engines_of([ALL]) else known
        return await self._choices.put(f"groups.{self._group(group)}.safe-search", words, who)

    def _group(self, name: str) -> str:
        groups = self._config().groups
        if name not in groups:
            message = f"there is no group {shown(name)}{likely(name, groups)}"
            raise ApiError(404, "not-found", message, "group")
        return name
