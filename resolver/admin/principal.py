"""Who makes a request, and what they may do: found by the gate, asked for by handlers."""

from __future__ import annotations

from typing import Literal

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import Scope

Kind = Literal["root", "user", "token", "nobody"]

SELF, ADMIN = "self", "admin"

TOKEN_SCOPES: tuple[Scope, ...] = ("read", "log", "write", "admin")
"""What a token can be given. `admin` is all of them."""

EVERY_SCOPE = frozenset({SELF, *TOKEN_SCOPES})


class Principal(msgspec.Struct, frozen=True):
    """`kind` root is the token of the state directory, which the command uses. A user has a `name`, and a token the one
    it was given. `device` is the device that a member is the owner of, `grants` whether they may allow themselves
    something for it, and `session` the digest by which the store knows the session of a browser ("": no session)."""

    name: str
    kind: Kind
    scopes: frozenset[str]
    device: str = ""
    grants: bool = False
    session: str = ""

    def may(self, needs: str) -> bool:
        """Whether they may use a route that needs this (`Route.needs`)."""
        return needs == "open" or needs in self.scopes


NOBODY = Principal("", "nobody", frozenset())
ROOT = Principal("", "root", EVERY_SCOPE)

PRINCIPAL = web.RequestKey("principal", Principal)
"""Under which the gate leaves it in a request."""


def scopes_of_role(role: str) -> frozenset[str]:
    """An admin may do everything, a member look after their own device."""
    return EVERY_SCOPE if role == "admin" else frozenset({SELF})


def scopes_of_token(scopes: frozenset[str]) -> frozenset[str]:
    """What a token may do that was given these: one with `admin` everything but what is about a person's own device."""
    return frozenset(TOKEN_SCOPES) if ADMIN in scopes else scopes & frozenset(TOKEN_SCOPES)


def principal(request: web.Request) -> Principal:
    """Who makes this request, as the gate found; NOBODY where it did not look."""
    found: Principal = request.get(PRINCIPAL, NOBODY)
    return found
