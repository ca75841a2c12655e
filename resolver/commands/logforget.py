"""`lull log forget`: deletes rows of the log for good, after saying so."""

from __future__ import annotations

import sys
from argparse import Namespace

from resolver.admin.logbodies import Forgotten
from resolver.commands.api import Api, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, note
from resolver.commands.progress import waited
from resolver.errors import TextError
from resolver.paths import PRODUCT

KEYS = ("client", "name", "before")


def run(api: Api, arguments: Namespace) -> int:
    """Delete what --client, --name and --before say together, and say how much that was."""
    said = {key: getattr(arguments, key) for key in KEYS}
    if not any(said.values()):
        raise TextError(f"say what to forget: {PRODUCT} log forget --client DEVICE, --name NAME or --before TIME")
    if not arguments.yes and not _agreed(said):
        note("nothing was forgotten")
        return FAILED
    data = waited(api, api.delete("log", **said))
    if arguments.json:
        as_json(data)
        return OK
    found = decode(data, Forgotten)
    line(f"{found.rows:,} rows are forgotten" + (f"; {found.note}" if found.note else ""))
    return OK


def _agreed(said: dict[str, str | None]) -> bool:
    words = {"client": "of {}", "name": "about {} and all below it", "before": "from before {}"}
    what = ", ".join(words[key].format(value) for key, value in said.items() if value)
    note(f"Every row of the log {what} is deleted, in the statistics too. This cannot be undone.")
    if not sys.stdin.isatty():
        raise TextError("to go on without being asked, say --yes")
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
