"""The trail of what people changed, and taking it back."""

from __future__ import annotations

from resolver.admin import choices
from resolver.admin.changing import Changing
from resolver.admin.choices import Choosing
from resolver.admin.parts import Parts
from resolver.admin.rulebodies import ChangeInfo, ChangesPage, Undone
from resolver.errors import ApiError
from resolver.store import changes
from resolver.store.changes import ChangeRow


class History:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, change: Changing, choices: Choosing) -> None:
        self._parts = parts
        self._change = change
        self._choices = choices

    async def changes(self, limit: int, cursor: int | None = None) -> ChangesPage:
        """What was changed, newest first, from the `next` of the page before."""
        found = await self._change.store(lambda: self._parts.people.changes(limit + 1, cursor))
        shown = [_info(row) for row in found[:limit]]
        return ChangesPage(shown, shown[-1].id if len(found) > limit else None)

    async def undo(self, id: int, who: str, *, admin: bool = True) -> Undone:
        """Take a change back, and bring that into force. ApiError 409 says what has changed since; 403, unless an
        `admin` asks, that what was chosen is for admins to choose, and so to take back."""
        if not admin:
            read = self._parts.database.read
            choices.check_scope(
                await self._change.store(lambda: read(lambda connection: changes.chosen(connection, id)))
            )
        fits = self._choices.fits()
        made = await self._change.store(lambda: self._parts.people.undo(id, who, fits))
        if made is None:
            raise ApiError(404, "not-found", f"there is no change {id}, or it is too long ago")
        await self._change.store(self._parts.accounts.changed)  # a device of a member may be called otherwise again
        note = await self._choices.into_force()
        return Undone(_info(made), effective=not note, note=note)


def _info(row: ChangeRow) -> ChangeInfo:
    return ChangeInfo(row.id, row.at, row.who, row.what, row.undone, row.undoable)
