"""What people choose in the admin in place of what the config file says, and taking that back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from resolver.admin import inward
from resolver.admin.changing import Changing
from resolver.admin.choicebodies import ChoiceInfo, Chosen
from resolver.admin.parts import Parts
from resolver.admin.whereabouts import Whereabouts
from resolver.config.chosen import Choice, canonical
from resolver.config.settings import Setting, Settings
from resolver.config.settled import Settled, Source, settle, words
from resolver.errors import ApiError, ConfigError, TextError
from resolver.store import choices as store
from resolver.store.choices import ChoicePut, Fits
from resolver.store.tables import choices
from resolver.store.trail import Trail

_LOG = "log."
"""What the log keeps is not about how names are answered."""


def check_scope(paths: Iterable[str]) -> None:
    """Raises ApiError 403 for what only whoever may do everything can choose, or take back."""
    if any(path.startswith(_LOG) for path in paths):
        raise ApiError(403, "forbidden", "what the log keeps is for admins to choose")


class Choosing:
    """Raises ApiError for what cannot be done, with a reason. What is read here is from memory: it can be had whatever
    the database does."""

    def __init__(self, parts: Parts, settled: Callable[[], Settled], change: Changing) -> None:
        """`settled` gives the config in force, with the choices."""
        self._parts = parts
        self._settled = settled
        self._change = change
        self._known: tuple[Settled, Settings] | None = None
        self._turn = asyncio.Lock()

    # What is in force

    def value(self, path: str) -> Any:
        """The value in force at a path that can be chosen, as the config file would have it; None where none is. Of
        `groups.NAME`, `schedules.NAME` and `blocking` it holds what Lull takes for itself where nothing is said."""
        return self._settings().value(_path(path))

    def of(self, path: str) -> ChoiceInfo:
        """The same, and who says so."""
        path = _path(path)
        made = next((one for one in self._settled().choices if one.path == path), None)
        return self._info(path, made)

    def every(self) -> list[ChoiceInfo]:
        """What was chosen, by path."""
        return [self._info(one.path, one) for one in self._settled().choices]

    def settings(self) -> list[Setting]:
        """Every key of the config with its value in force, in the order of the schema. Secrets are in it."""
        return list(self._settings().every())

    # What is changed

    async def put(self, path: str, value: Any, who: str) -> Chosen:
        """Choose a value, as the config file would have it (None: as if that said nothing), and bring it into force.
        ApiError 400 in the words of the config for one that would not fit it."""
        return await self.change(path, lambda _: value, who)

    async def change(self, path: str, how: Callable[[Any], Any], who: str) -> Chosen:
        """The same with what `how` makes of the value in force, which nobody else changes meanwhile."""
        path = _path(path)
        async with self._turn:
            value = how(self.value(path))
            self._check(path, value)
            return await self._made(path, lambda fits: self._parts.people.choose(path, value, who, fits))

    async def drop(self, path: str, who: str) -> Chosen:
        """Take back what was chosen for a path and its parts: it is as the config file says."""
        path = _path(path)
        async with self._turn:
            return await self._made(path, lambda fits: self._parts.people.take_back(path, who, fits))

    async def put_all(self, values: Mapping[str, Any], back: Collection[str], who: str) -> str:
        """Choose several values, and take `back` others, in one change; returns why it is not in force everywhere yet,
        "" if it is."""
        values, back = {_path(path): value for path, value in values.items()}, [_path(path) for path in back]
        for path, value in values.items():
            self._check(path, value)
        paths = {*values, *back}
        fits = _fits(self._source, lambda: self._settled().left_out.keys() - paths, 400, "invalid")

        def work(_: Connection, trail: Trail) -> None:
            said: list[str] = []
            for path in (*values, *back):
                chosen = path in values
                done = (
                    store.put(trail, path, values[path], who, _anything)
                    if chosen
                    else store.drop(trail, path, _anything)
                )
                said += [trail.what] if done.changed else []
            fits(store.read_all(trail.rows(choices)))
            trail.what = "; ".join(said)

        async with self._turn:
            await self._change.store(lambda: self._parts.people.change(who, "", work))
            return await self.into_force()

    def _check(self, path: str, value: Any) -> None:
        """Refuse what the config has a place for, and yet nobody may choose."""
        if path == "lists":
            filed = Settings(self._source(), {}, self._settings().file).value(path)
            inward.check(value, filed, self._settled().config.updates.reach)

    async def into_force(self) -> str:
        """Bring what people made into force, what they chose before all; returns what went wrong."""
        choose = None if self._parts.there is None else self._parts.there.choose
        if choose is None or await self._change.store(self._parts.people.choices) == self._settled().choices:
            return await self._change.publish()
        return await choose()

    def fits(self) -> Fits:
        """Refuses choices, as they would be once something is taken back, that the config has no place for."""
        return _fits(self._source, lambda: self._settled().left_out, 409, "conflict")

    async def _made(self, path: str, work: Callable[[Fits], ChoicePut]) -> Chosen:
        fits = _fits(self._source, lambda: self._settled().left_out.keys() - {path}, 400, "invalid")
        done = await self._change.store(lambda: work(fits))
        note = await self.into_force() if done.changed else ""
        info = self.of(path)
        return Chosen(
            effective=not note and not info.instead, note=note or info.instead, changed=done.changed, choice=info
        )

    def _info(self, path: str, made: Choice | None) -> ChoiceInfo:
        settings, there = self._settings(), self._there()
        line, value = settings.line(path), settings.value(path)
        if made is None:
            return ChoiceInfo(path, value, chosen=False, who="", at=None, file=str(there.file), line=line)
        who, at, file = made.who, made.at, str(there.file)
        instead = self._settled().left_out.get(path, "")
        if settings.origin(path) == "command line":
            instead = "the command line says otherwise, and outranks what is chosen"
        return ChoiceInfo(path, value, chosen=True, who=who, at=at, file=file, line=line, instead=instead)

    def _settings(self) -> Settings:
        """Read anew when the file or the choices changed."""
        settled = self._settled()
        if self._known is None or self._known[0] is not settled:
            held = {one.path: one.value for one in settled.choices if one.path not in settled.left_out}
            self._known = settled, Settings(self._source(), held, settled.file)
        return self._known[1]

    def _source(self) -> Source:
        there = self._there()
        return Source(there.data(), there.file, self._parts.catalogue.known(), there.overrides)

    def _there(self) -> Whereabouts:
        if self._parts.there is None:
            raise ApiError(503, "config", "this is not a daemon whose config can be seen")
        return self._parts.there


def _path(text: str) -> str:
    try:
        return canonical(text)
    except TextError as error:
        raise ApiError(404, "not-found", str(error), "path") from error


def _anything(_: tuple[Choice, ...]) -> None:
    """All of several are looked at in the end."""


def _fits(source: Callable[[], Source], left_out: Callable[[], Collection[str]], status: int, code: str) -> Fits:
    """Refuses choices that the config has no place for, but for those that are `left_out` now."""

    def look(choices: tuple[Choice, ...]) -> None:
        try:
            found = settle(source(), choices).left_out
        except ConfigError as error:
            raise ApiError(409, "conflict", f"the config file itself is refused: {words(error)}") from error
        if wrong := [why for path, why in found.items() if path not in left_out()]:
            raise ApiError(status, code, "; ".join(dict.fromkeys(wrong)), "value")

    return look
