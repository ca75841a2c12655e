"""What people made: rules, pauses, site rules, changes of schedules, choices. Kept in the database, remembered here, so
that none of it is lost with the file; every change can be shown and taken back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from resolver.config.chosen import Choice
from resolver.errors import StoreError
from resolver.model import Clock
from resolver.policy import document as policy
from resolver.store import changes, choices, hits, overrides, pauses, putback, repairs, rules, sites, undo, words
from resolver.store.changes import ChangeRow
from resolver.store.choices import ChoicePut, Fits
from resolver.store.face import Kept, Store
from resolver.store.hits import Hits
from resolver.store.keeper import Keeper
from resolver.store.overrides import NewOverride, Override
from resolver.store.pauses import NewPause, Pause, Paused
from resolver.store.repairs import Repair
from resolver.store.rules import Added, NewRule, Rule
from resolver.store.sites import NewSite, Site, SitePut
from resolver.store.tables import choices as choices_table
from resolver.store.trail import Trail

R = TypeVar("R")


class PeopleStore:
    """By any thread. What changes something is one transaction, and raises StoreError when that is not possible: then
    nothing was changed. Lists go on from memory while the database cannot be read; they raise StoreError if it never
    could. `who` is who does it, for the trail.

    `beside` gives what others remember of the tables KEPT, for a database that is begun anew. It is asked with the
    database's lock held.
    """

    def __init__(self, database: Store, clock: Clock = time) -> None:
        self._database = database
        self._keeper = Keeper(database, clock)
        with contextlib.suppress(StoreError):  # known from now on, even if nobody asks before the file is damaged
            self._keeper.known()

    @property
    def beside(self) -> Callable[[], Kept]:
        return self._keeper.beside

    @beside.setter
    def beside(self, rows: Callable[[], Kept]) -> None:
        self._keeper.beside = rows

    # What is in force, oldest first

    def rules(self) -> list[Rule]:
        return self._keeper.in_force(self._keeper.known().rules)

    def pauses(self) -> list[Pause]:
        return self._keeper.in_force(self._keeper.known().pauses)

    def sites(self) -> list[Site]:
        return self._keeper.in_force(self._keeper.known().sites)

    def overrides(self) -> list[Override]:
        """Those that have not begun yet, too."""
        return self._keeper.in_force(self._keeper.known().overrides)

    def choices(self) -> tuple[Choice, ...]:
        """What is chosen in place of what the config file says, by path."""
        return self._keeper.known().choices

    # The same, as policy has it

    def own_rules(self) -> tuple[policy.OwnRule, ...]:
        return tuple(map(putback.own_rule, self.rules()))

    def own_pauses(self) -> tuple[policy.Pause, ...]:
        return tuple(policy.Pause(pause.until, pause.client, pause.group) for pause in self.pauses())

    def own_sites(self) -> tuple[policy.SiteEntry, ...]:
        return tuple(map(putback.own_site, self.sites()))

    def own_changes(self) -> tuple[policy.Change, ...]:
        return tuple(map(putback.own_change, self.overrides()))

    def hits(self) -> dict[str, Hits]:
        """How often rules and site rules decided, by their keys; those of the config too."""
        return self._database.read(hits.read)

    # Rules

    def add(self, new: NewRule) -> Added:
        """Add a rule; see `rules.add`."""
        return self.add_many([new], new.who)[0][0]

    def add_many(self, news: Sequence[NewRule], who: str = "", what: str = "") -> tuple[list[Added], ChangeRow | None]:
        """Add many rules in one change: what came of each, in their order, and the change (None: nothing was added).
        `what` calls it."""

        def work(_: Connection, trail: Trail) -> list[Added]:
            added = rules.add(trail, news)
            if made := [one.rule for one in added if one.created]:
                trail.what = what or rules.told(made, trail.now)
            return added

        return self._keeper.change(who, what, work)

    def delete(self, id: int, who: str = "") -> Rule | None:
        """Delete a rule; returns it, or None if there is no such rule in force."""
        found = self.delete_many([id], who)
        return found[0] if found else None

    def delete_many(self, ids: Sequence[int], who: str = "", what: str = "") -> list[Rule]:
        """Delete rules in one change; returns those that were in force."""

        def work(_: Connection, trail: Trail) -> list[Rule]:
            if gone := rules.delete(trail, ids):
                trail.what = what or f"delete {rules.told(gone, trail.now)}"
            return gone

        return self.change(who, what, work)

    # Pauses

    def pause(self, new: NewPause) -> Paused:
        """Add a pause; see `pauses.pause`."""
        return self.change(new.who, pauses.told(new, self._keeper.now()), lambda _, trail: pauses.pause(trail, new))

    def end(self, id: int | None = None, client: str = "", group: str = "", who: str = "") -> list[Pause]:
        """End one pause by its id, or those of a client or group, or (nothing given) all; returns those that were in
        force."""

        def work(_: Connection, trail: Trail) -> list[Pause]:
            if ended := pauses.end(trail, id, client, group):
                trail.what = pauses.told_ended(ended)
            return ended

        return self.change(who, "", work)

    # Sites

    def put_site(self, new: NewSite) -> SitePut:
        """Make the rule of a site and scope what `new` says."""
        return self.change(new.who, sites.told(new, self._keeper.now()), lambda _, trail: sites.put(trail, new))

    def allow_names(self, new: NewSite) -> SitePut:
        """Add the names of `new` to the rule of its site and scope, the rest of which stays; or make it, if there is
        none."""
        return self.change(new.who, sites.told(new, self._keeper.now()), lambda _, trail: sites.allow_names(trail, new))

    def remove_names(
        self, site: str, names: Sequence[str], client: str = "", group: str = "", who: str = ""
    ) -> SitePut | None:
        """Take names out of the rule of a site and scope; a rule that then allows nothing is deleted. None if there is
        no such rule."""
        what = f"on {site} no longer allow {' '.join(names)}{words.scope(client, group)}"
        return self.change(who, what, lambda _, trail: sites.remove_names(trail, site, names, client, group))

    def delete_site(self, site: str, client: str = "", group: str = "", who: str = "") -> Site | None:
        """Delete the rule of a site and scope; returns it, or None if there is none in force."""

        def work(_: Connection, trail: Trail) -> Site | None:
            if gone := sites.delete(trail, site, client, group):
                trail.what = f"delete {sites.told(gone, trail.now)}"
            return gone

        return self.change(who, "", work)

    # Schedules, for once

    def put_override(self, new: NewOverride) -> Override:
        """Change a schedule for once; it takes the place of the change of the same schedule and scope."""
        return self.change(new.who, overrides.told(new, self._keeper.now()), lambda _, trail: overrides.put(trail, new))

    def end_overrides(self, schedule: str, client: str = "", group: str = "", who: str = "") -> list[Override]:
        """End the change of a schedule and (exactly this) scope, begun or not; returns what there was."""

        def work(_: Connection, trail: Trail) -> list[Override]:
            if ended := overrides.end(trail, schedule, client, group):
                trail.what = overrides.told_ended(ended)
            return ended

        return self.change(who, "", work)

    # Choices

    def choose(self, path: str, value: Any, who: str, fits: Fits) -> ChoicePut:
        """Choose a value for a path; see `choices.put`. What `fits` raises keeps it from being changed."""
        return self.change(who, "", lambda _, trail: choices.put(trail, path, value, who, fits))

    def take_back(self, path: str, who: str, fits: Fits) -> ChoicePut:
        """Take back what was chosen for a path and its parts; see `choices.drop`."""
        return self.change(who, "", lambda _, trail: choices.drop(trail, path, fits))

    # Tries to repair a site

    def repairs(self) -> list[Repair]:
        return self._database.read(lambda connection: repairs.read(connection, self._keeper.now()))

    # The trail

    def change(self, who: str, what: str, work: Callable[[Connection, Trail], R]) -> R:
        """Do `work` in one transaction, as one change: what it does through the trail can be taken back.

        It may be called twice, the second time on a new file, so it must not change anything but the database. `what`
        says it in words, unless the work itself sets the trail's.
        """
        return self._keeper.change(who, what, work)[0]

    def changes(self, limit: int = 100, before: int | None = None) -> list[ChangeRow]:
        """The newest changes, or those before an id, newest first."""
        return self._database.read(lambda connection: changes.read(connection, limit, before))

    def undo(self, id: int, who: str = "", fits: Fits = lambda _: None) -> ChangeRow | None:
        """Take a change back; returns the change that did it, which can be taken back too. None if there is no change
        of this id. Raises ConflictError, in words, if it cannot be taken back, and what `fits` raises of choices."""

        def work(connection: Connection, trail: Trail) -> bool:
            if (found := changes.one(connection, id)) is not None:
                undo.undo(trail, found)
                if any(item.table == choices_table.name for item in trail.items):
                    fits(choices.read_all(trail.rows(choices_table)))
            return found is not None

        _, made = self._keeper.change(who, "", work, lambda connection, by: changes.mark(connection, id, by))
        return made

    # The clock

    def clock_moved(self, boot: str, offset: float, now: float) -> float:
        """Follow the clock; returns by how many seconds every end was moved, 0.0 if nobody has set it.

        To be called with the machine's boot id and how many seconds Unix time runs ahead of its monotonic clock, before
        anything of people's is used, and every second. Costs nothing while the clock stands as it stood.
        """
        return self._keeper.clock_moved(boot, offset, now)

    @property
    def offset(self) -> float | None:
        """By how many seconds Unix time ran ahead of the monotonic clock when all ends were last moved: what they are
        right for. None before the clock was first followed."""
        return self._keeper.offset

    def seen(self, now: float) -> None:
        """Note, every minute, that it is `now`: a machine that comes up earlier than that has lost its time."""
        self._keeper.seen(now)
