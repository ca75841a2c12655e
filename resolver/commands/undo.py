"""`lull undo`: the last change taken back, or the one that is named."""

from __future__ import annotations

from argparse import Namespace

from resolver.admin.rulebodies import ChangesPage, Undone
from resolver.commands.api import Api, connect, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line
from resolver.errors import ApiError
from resolver.paths import PRODUCT

_AGAIN = "again: "  # what taking back is called that takes back another
_LOOKED_AT = 1000  # changes among which the last is looked for


def run(arguments: Namespace) -> int:
    api = connect(arguments)
    data = api.post(f"changes/{_last(api) if arguments.id is None else arguments.id}/undo")
    undone = decode(data, Undone)
    if arguments.json:
        as_json(data)
    else:
        late = "in force everywhere" if undone.effective else f"not in force everywhere yet: {undone.note}"
        again = "take it back" if undone.change.what.startswith(_AGAIN) else "do it again"
        line(f"{undone.change.what}: {late}; to {again}: {PRODUCT} undo {undone.change.id}")
    return OK if undone.effective else FAILED


def _last(api: Api) -> int:
    """The last change that stands and did not itself take one back: undoing twice goes two steps back."""
    found = decode(api.get("changes", limit=_LOOKED_AT), ChangesPage).entries
    takers = {change.undone for change in found}
    for change in found:
        if change.undoable and change.undone is None and change.id not in takers:
            return change.id
    raise ApiError(404, "not-found", "there is nothing to take back")
