"""Lists that are chosen in the admin must not make this machine ask itself: what a service of its own says could be
read off their skipped lines. Whoever writes the config file may do that, and whoever may use the admin may not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import yarl

from resolver.admin.listchoices import used
from resolver.config.leaves import shown
from resolver.config.values import Network
from resolver.errors import ApiError, ListError
from resolver.lists import reach


def check(value: object, filed: object, reached: Collection[Network]) -> None:
    """Raises ApiError for a value of `lists` with a URL that leads to where nothing may be downloaded from, unless it
    is in `filed`, which is what the file says, or in the networks that may be `reached`."""
    known = _urls(filed)
    for id, url in _urls(value).items():
        if known.get(id) == url:
            continue
        try:
            reach.check(yarl.URL(url), reached)
        except (ListError, ValueError) as error:
            raise ApiError(403, "forbidden", f"lists: {shown(id)}: url: {error}", "value") from error


def _urls(value: object) -> dict[str, str]:
    entries: dict[str, Any] = dict(used(value)) if isinstance(value, Sequence) and not isinstance(value, str) else {}
    return {id: said["url"] for id, said in entries.items() if isinstance(said.get("url"), str)}
