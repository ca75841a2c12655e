"""`lull token`: the token by which the command, and whoever holds it, uses the API; and, while nobody can sign in to
the admin's pages, the link by which somebody can."""

from __future__ import annotations

import contextlib
from argparse import Namespace

from resolver.admin.accountbodies import Welcome
from resolver.commands import place
from resolver.commands.api import Api, decode
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line, note
from resolver.errors import LullError

_PATIENCE = 2.0  # seconds: the token is there without the daemon


def run(arguments: Namespace) -> int:
    token = place.known_token(arguments)
    link = ""
    with contextlib.suppress(LullError):
        link = welcome(Api(place.admin_url(arguments), token))
    if arguments.json:
        as_json({"token": token.value, "welcome": link})
        return OK
    line(token.value)
    if link:
        note(said(link))
    return OK


def welcome(api: Api) -> str:
    """The link that makes the first admin; "" once there is one."""
    return decode(api.get("welcome", wait=_PATIENCE), Welcome).link


def said(link: str) -> str:
    return f"nobody can sign in to the admin yet; to choose a name and a password, open: {link}"
