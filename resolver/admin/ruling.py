"""People's own rules: shown, added one by one or many at once, deleted, and what is odd about them told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from resolver.admin import checks
from resolver.admin.bodies import Done, LogEntry
from resolver.admin.bulk import Bulk
from resolver.admin.changing import Changing
from resolver.admin.parts import Parts
from resolver.admin.rulebodies import BulkResult, Deleted, NewRules, RuleInfo, RuleResult, Suggestion
from resolver.admin.rulebodies import NewRule as Wanted
from resolver.admin.ruleshown import Shown, outranks
from resolver.admin.usefulness import Usefulness
from resolver.config.schema import Config
from resolver.errors import ApiError, LullError, StoreError
from resolver.model import Allow, Client
from resolver.policy.decide import decide
from resolver.policy.document import OwnRule
from resolver.policy.overlay import SOURCE as OWN
from resolver.store.hits import Hits
from resolver.store.rules import Added, NewRule, Rule
from resolver.wire.name import from_text
from resolver.wire.zone import type_number


class Ruling:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], change: Changing) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._change = change
        self._usefulness = Usefulness(parts)

    async def every(self) -> list[RuleInfo]:
        """Rules of the config in force, then those people added, oldest first."""
        stored = await self._change.store(self._parts.people.rules)
        shown = await asyncio.to_thread(self._shown)
        return [*map(shown.configured, self._configured()), *map(shown.stored, stored)]

    async def of(self, client: str, group: str) -> list[RuleInfo]:
        """The rules for just this client (as rules name it) and those for just this group, as `every` has them."""

        def its(one: Rule | OwnRule) -> bool:
            return bool(one.client and one.client == client) or bool(one.group and one.group == group)

        stored = await self._change.store(self._parts.people.rules)
        shown = await asyncio.to_thread(self._shown)
        return [*map(shown.configured, filter(its, self._configured())), *map(shown.stored, filter(its, stored))]

    async def add(self, new: Wanted, who: str) -> RuleResult:
        """Add a rule and bring it into force."""
        wanted = await asyncio.to_thread(self._wanted, new, who)
        added = await self._change.store(lambda: self._parts.people.add(wanted))
        note = await self._published([added]) if added.created else ""
        shown = await asyncio.to_thread(self._shown)
        rule = shown.stored(added.rule)
        return RuleResult(
            rule,
            added.created,
            [shown.stored(one) for one in added.replaced],
            effective=not note,
            note=note,
            outranked_by=[other for other in await self.every() if outranks(other, rule)],
            hint=await self._usefulness.hint(added.rule) if added.created else _broader(added.rule, wanted),
        )

    async def add_many(self, new: NewRules, who: str) -> BulkResult:
        """Add the rules of a text, a line each, as one change, and bring them into force at once."""
        client, group = self._change.scope(new.client, new.group)
        until = None if new.duration is None else self._change.until(new.duration)
        scope = NewRule("", "", client, group, until, new.comment, who=who)
        bulk = await asyncio.to_thread(Bulk, new.text, new.action, scope)
        if not bulk.wanted:
            return bulk.result([], "", None)
        added, change = await self._change.store(lambda: self._parts.people.add_many(bulk.wanted, who))
        if change is None:
            return bulk.result(added, "", None)
        return bulk.result(added, await self._published(added), change.id)

    async def _published(self, added: Sequence[Added]) -> str:
        """Bring rules into force; what went wrong, and which of them have no room."""
        note = await self._change.publish()
        return note or self._parts.publisher.left_out({str(one.rule) for one in added if one.created})

    async def delete(self, id: int, who: str) -> Done:
        """Delete a rule that people added."""
        if await self._change.store(lambda: self._parts.people.delete(id, who)) is None:
            raise ApiError(404, "not-found", f"there is no rule {id}; rules of the config are changed in its file")
        return await self._change.done()

    async def delete_many(self, ids: Sequence[int], who: str) -> Deleted:
        """Delete those of these rules that people added and that are still there, as one change."""
        gone = await self._change.store(lambda: self._parts.people.delete_many(ids, who))
        if not gone:
            raise ApiError(404, "not-found", "none of these rules is there any more")
        done = await self._change.done()
        return Deleted([str(rule) for rule in gone], done.effective, done.note)

    async def suggestions(self) -> list[Suggestion]:
        """The rules that allow, for good, what nothing has needed or nothing blocks. Takes some seconds if there are
        thousands."""
        stored = await self._change.store(self._parts.people.rules)
        hits = await self._change.store(self._parts.people.hits)
        shown = self._as_shown(hits)
        config = self._config()
        kept = {config.log.privacy, *(group.privacy for group in config.groups.values())}
        found = await self._usefulness.needless(stored, hits, counted="off" not in kept)
        return [Suggestion(shown.stored(rule), reason) for rule, reason in found]

    def allowing(self, entries: Iterable[LogEntry]) -> dict[int, str]:
        """The rules by which people allow by now what entries of the log are about, by the ids of the entries."""
        found: dict[int, str] = {}
        bundle = self._parts.publisher.bundle
        now = self._parts.clock.time()
        if bundle is None:
            return found
        for one in entries:
            with contextlib.suppress(LullError, ValueError):  # what an older log may have
                client = bundle.identify(one.client) if one.client else Client("", one.group)
                verdict = decide(from_text(one.name), one.name, type_number(one.type), client, bundle, now)
                if isinstance(verdict, Allow) and verdict.rule.source == OWN:
                    found[one.id] = verdict.rule.text
        return found

    def _wanted(self, new: Wanted, who: str) -> NewRule:
        client, group = self._change.scope(new.client, new.group)
        until = None if new.duration is None else self._change.until(new.duration)
        rule = checks.rule(new.action, new.name, new.text, exact=new.exact)
        made = NewRule(rule.action, rule.name, client, group, until, new.comment, who=who)
        return replace(made, exact=rule.exact, text=rule.line)

    def _configured(self) -> list[OwnRule]:
        bundle = self._parts.publisher.bundle
        return [] if bundle is None else [rule for rule in bundle.document.rules if rule.origin == "config"]

    def _shown(self) -> Shown:
        """Without hits while the database cannot be read."""
        try:
            return self._as_shown(self._parts.people.hits())
        except StoreError:
            return self._as_shown({})

    def _as_shown(self, hits: Mapping[str, Hits]) -> Shown:
        parts = self._parts
        return Shown(hits, self._config().groups, parts.devices.named(), parts.publisher.refused)


def _broader(rule: Rule, wanted: NewRule) -> str:
    same = (rule.name, rule.text, rule.exact) == (wanted.name, wanted.text, wanted.exact)
    return "" if same else f"it is a part of what {rule} says"
