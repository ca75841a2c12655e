"""`lull token`: the token that the admin's pages and API ask for."""

from __future__ import annotations

from argparse import Namespace

from resolver.commands import place
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line


def run(arguments: Namespace) -> int:
    token = place.known_token(arguments)
    if arguments.json:
        as_json({"token": token.value})
    else:
        line(token.value)
    return OK
