"""The typed bodies of users, sessions, tokens, and of what members see and ask for. Light: the command reads them too.
Times are Unix time. No secret is in a body that is read, but for one that was just made."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Role = Literal["admin", "member"]
Scope = Literal["read", "log", "write", "admin"]
State = Literal["waiting", "granted", "refused"]
Name = Annotated[str, Meta(max_length=64, examples=["anna"])]
Secret = Annotated[str, Meta(max_length=1024)]


class UserInfo(msgspec.Struct, frozen=True):
    """A user. A member looks after the `device` alone, and may allow themselves something for it if it `grants` that;
    `codes`: signing in takes a code too; `seen` is the last sign-in (None: never), `sessions` how many are open."""

    name: str
    role: Role
    device: str
    grants: bool
    codes: bool
    created: float
    seen: float | None
    sessions: int


class NewUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user to add. A member needs a `device`: an address, a MAC address, or a device's name."""

    name: Name
    password: Secret
    role: Role = "member"
    device: Annotated[str, Meta(max_length=64)] = ""
    grants: bool = False


class UserChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change of a user; what is left out stays. Their sessions end."""

    role: Role | None = None
    device: Annotated[str, Meta(max_length=64)] | None = None
    grants: bool | None = None


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another password for a user, whose sessions end."""

    password: Secret


class OwnPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another password for oneself; all other sessions end."""

    old: Secret
    new: Secret


class Account(msgspec.Struct, frozen=True):
    """Who makes this request: root (the command, with the token of the state directory), a user or a token; and what
    they may do."""

    kind: Literal["root", "user", "token"]
    name: str
    scopes: list[str]
    role: Role | None = None
    device: str = ""
    grants: bool = False
    codes: bool = False


class CodesBegun(msgspec.Struct, frozen=True):
    """A secret for an app that makes codes, as text and as a URL. It is shown this once; codes are asked for from when
    one was given back within ten minutes."""

    secret: str
    url: str


class OwnProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That it is oneself who asks: one's password and, once codes are on, a code."""

    password: Secret
    code: Annotated[str, Meta(max_length=16)] = ""


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code that the app shows."""

    code: Annotated[str, Meta(max_length=16)]


class SessionInfo(msgspec.Struct, frozen=True):
    """A session of a browser: whose, the address and what the browser calls itself, since when, when last used, when it
    is over; whether this request is of it. `id` is how to end it."""

    id: str
    user: str
    address: str
    browser: str
    created: float
    seen: float
    ends: float
    current: bool


class Ended(msgspec.Struct, frozen=True):
    """How many sessions were ended."""

    ended: int


class TokenInfo(msgspec.Struct, frozen=True):
    """A token of a program: what it may do, who made it, until when it is good (None: until it is revoked) and when it
    was last used (None: never)."""

    id: int
    name: str
    scopes: list[Scope]
    who: str
    created: float
    expires: float | None
    seen: float | None


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to make: for whom (a name of one's own choice), what it may do, and for how long it is good, as a
    duration such as "90d" or in seconds; without, until it is revoked."""

    name: Name
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=4)]
    duration: str | int | None = msgspec.field(name="for", default=None)


class TokenMade(msgspec.Struct, frozen=True):
    """A token that was made. `token` is shown this once: only a digest of it is kept."""

    token: str
    info: TokenInfo


class Blocked(msgspec.Struct, frozen=True):
    """Something that was blocked on one's own device: when, which name, how often in that second, and by which list
    (or schedule)."""

    at: int
    name: str
    count: int
    list: str


class OwnSchedule(msgspec.Struct, frozen=True):
    """A schedule of one's own device: whether it is in force, and until when that stays so (None: for more than a
    week)."""

    name: str
    in_force: bool
    until: float | None


class Wanted(msgspec.Struct, frozen=True):
    """What a member asked for, or (no `user`) somebody at a device: that `name` be allowed for that device, or (no
    name) so much more time before a schedule; for so many seconds from when it is granted. `who` decided, `decided` is
    when."""

    id: int
    at: float
    user: str
    device: str
    name: str
    seconds: int
    state: State
    decided: float | None
    who: str

    @property
    def whose(self) -> str:
        """Who is told what became of it."""
        return self.user or self.device


class Me(msgspec.Struct, frozen=True):
    """One's own device: what was blocked on it in the last minutes (newest first), its schedules, pauses that it has,
    and what was asked for. `unread` is why `blocked` may be missing."""

    name: str
    device: str
    grants: bool
    blocked: list[Blocked]
    schedules: list[OwnSchedule]
    paused: float | None
    requests: list[Wanted]
    unread: str = ""


class NewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to ask for, for one's own device: a name to be allowed, or (no name) more time before a schedule that is in
    force, or begins within an hour. For how long: a duration such as "30m" or seconds; an hour at most."""

    name: Annotated[str, Meta(max_length=1024, examples=["player.example.net"])] = ""
    duration: str | int = msgspec.field(name="for", default="30m")


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long to grant it; as was asked for unless given."""

    duration: str | int | None = msgspec.field(name="for", default=None)


class Decided(msgspec.Struct, frozen=True):
    """What became of a request. `effective` tells whether every worker has it, `note` says what not."""

    request: Wanted
    effective: bool = True
    note: str = ""


class Welcome(msgspec.Struct, frozen=True):
    """The link by which the first admin is made; "" once there is one."""

    link: str
