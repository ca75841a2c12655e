"""`lull tokens`: tokens for programs that use the API; each is shown once, when it is made."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import get_args

from resolver.admin.accountbodies import NewToken, Scope, TokenInfo, TokenMade
from resolver.commands.api import connect, decode
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line, note, table, when, when_or
from resolver.errors import TextError
from resolver.paths import PRODUCT

SCOPES: tuple[Scope, ...] = get_args(Scope)


def run(arguments: Namespace) -> int:
    """Show tokens, or do what the first word says."""
    if arguments.action != "make" and (arguments.scopes or arguments.duration):
        raise TextError(f"--scope and --for are for tokens make, and say nothing to tokens {arguments.action}")
    return ACTIONS[arguments.action](arguments)


def _list(arguments: Namespace) -> int:
    if arguments.word:
        raise TextError(f"tokens list takes nothing more; to make one: {PRODUCT} tokens make NAME --scope read")
    data = connect(arguments).get("tokens")
    found = decode(data, list[TokenInfo])
    if arguments.json:
        as_json(data)
    elif found:
        table(("ID", "FOR", "MAY", "MADE", "BY", "EXPIRES", "LAST USED"), map(_row, found))
    else:
        line(f"no program has a token yet; to make one: {PRODUCT} tokens make NAME --scope read")
    return OK


def _row(one: TokenInfo) -> tuple[str, ...]:
    by, expires = one.who or "command", when_or(one.expires, "never")
    return str(one.id), one.name, ", ".join(one.scopes), when(one.created), by, expires, when_or(one.seen, "never")


def _make(arguments: Namespace) -> int:
    if not arguments.word:
        raise TextError("tokens make takes the NAME of the program that it is for")
    wanted = [word for words in arguments.scopes or ["read"] for word in words.split(",")]
    scopes = [scope for scope in SCOPES if scope in wanted]
    if unknown := sorted(set(wanted) - set(scopes)):
        raise TextError(f"there is no scope {unknown[0]!a}: a token may {', '.join(SCOPES)}")
    data = connect(arguments).post("tokens", NewToken(arguments.word, scopes, arguments.duration))
    made = decode(data, TokenMade)
    if arguments.json:
        as_json(data)
    else:
        note(f"the token of {made.info.name}, which may {', '.join(made.info.scopes)}; it is shown this once:")
        line(made.token)
    return OK


def _revoke(arguments: Namespace) -> int:
    id = arguments.word or ""
    if not id.isascii() or not id.isdecimal() or len(id) > 18:
        raise TextError(f"tokens revoke takes the ID of a token: `{PRODUCT} tokens` shows them")
    connect(arguments).delete(f"tokens/{id}")
    if arguments.json:
        as_json({"revoked": int(id)})
    else:
        line(f"token {id} is revoked")
    return OK


ACTIONS: Mapping[str, Callable[[Namespace], int]] = {"list": _list, "make": _make, "revoke": _revoke}
