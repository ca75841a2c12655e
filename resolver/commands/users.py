"""`lull users`: who can sign in to the admin. It works with the token of this machine, so that a lost password, or a
lost app for codes, is mended here."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping

from resolver.admin.accountbodies import Ended, NewPassword, NewUser, Role, SessionInfo, UserChange, UserInfo
from resolver.commands.api import connect, decode, segment
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line, table, when, when_or
from resolver.errors import TextError
from resolver.paths import PRODUCT

_LONGEST = 4096


def run(arguments: Namespace) -> int:
    """Show users, or do what the first word says."""
    said = {"--role": arguments.role, "--device": arguments.device, "--grants": arguments.grants}
    given = [option for option, value in said.items() if value is not None]
    if given and arguments.action not in {"add", "change"}:
        raise TextError(f"{given[0]} is for users add and users change, and says nothing to users {arguments.action}")
    return ACTIONS[arguments.action](arguments)


def _list(arguments: Namespace) -> int:
    _words(arguments, 0)
    data = connect(arguments).get("users")
    found = decode(data, list[UserInfo])
    if arguments.json:
        as_json(data)
    elif found:
        table(("NAME", "ROLE", "DEVICE", "GRANTS", "CODES", "LAST SIGN-IN", "SESSIONS"), map(_row, found))
    else:
        line(f"nobody can sign in yet: `{PRODUCT} token` shows a link for that; or: {PRODUCT} users add NAME")
    return OK


def _row(user: UserInfo) -> tuple[str, ...]:
    return (
        user.name,
        user.role,
        user.device,
        "yes" if user.grants else "",
        "on" if user.codes else "",
        when_or(user.seen, "never"),
        str(user.sessions),
    )


def _add(arguments: Namespace) -> int:
    (name,) = _words(arguments, 1, "NAME")
    role: Role = arguments.role or ("member" if arguments.device else "admin")
    api = connect(arguments)
    new = NewUser(name, _password(), role, arguments.device or "", bool(arguments.grants))
    return _told(arguments, api.post("users", new), "{} can sign in now, as {}")


def _change(arguments: Namespace) -> int:
    (name,) = _words(arguments, 1, "NAME")
    change = UserChange(arguments.role, arguments.device, arguments.grants)
    if change == UserChange():
        raise TextError("users change takes what to change: --role, --device, --grants or --no-grants")
    return _told(arguments, connect(arguments).put(f"users/{segment(name)}", change), "{} is now {}")


def _set_password(arguments: Namespace) -> int:
    (name,) = _words(arguments, 1, "NAME")
    api = connect(arguments)
    api.get(f"users/{segment(name)}")  # before anybody types a password for nobody
    data = api.put(f"users/{segment(name)}/password", NewPassword(_password()))
    return _told(arguments, data, "{} has another password; their sessions have ended")


def _totp(arguments: Namespace) -> int:
    words = _words(arguments, 2, "NAME off")
    if "off" not in words:
        raise TextError("users totp takes NAME off: only whose codes they are can turn them on, on the page /account")
    name = words[1] if words[0] == "off" else words[0]
    data = connect(arguments).delete(f"users/{segment(name)}/codes")
    return _told(arguments, data, "{} signs in without codes now")


def _delete(arguments: Namespace) -> int:
    (name,) = _words(arguments, 1, "NAME")
    connect(arguments).delete(f"users/{segment(name)}")
    if arguments.json:
        as_json({"deleted": name})
    else:
        line(f"{name} is deleted, with the tokens that they made")
    return OK


def _sessions(arguments: Namespace) -> int:
    _words(arguments, 0)
    data = connect(arguments).get("sessions", all="true")
    found = decode(data, list[SessionInfo])
    if arguments.json:
        as_json(data)
    elif found:
        rows = [(one.id, one.user, one.address, when(one.created), when(one.seen), one.browser) for one in found]
        table(("ID", "USER", "ADDRESS", "SINCE", "LAST USED", "BROWSER"), rows)
    else:
        line("nobody is signed in")
    return OK


def _end(arguments: Namespace) -> int:
    (id,) = _words(arguments, 1, "ID")
    ended = decode(connect(arguments).delete(f"sessions/{segment(id)}"), Ended)
    if arguments.json:
        as_json(ended)
    else:
        line("the session is ended")
    return OK


def _told(arguments: Namespace, data: bytes, words: str) -> int:
    user = decode(data, UserInfo)
    if arguments.json:
        as_json(data)
    else:
        line(words.format(user.name, "admin" if user.role == "admin" else f"member with the device {user.device}"))
    return OK


def _password() -> str:
    """The password that somebody types, twice; or a line of standard input. Not an argument: others see those."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST).rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise TextError("the two differ: nothing was changed")
    return password


def _words(arguments: Namespace, count: int, what: str = "nothing more") -> list[str]:
    words: list[str] = arguments.words
    if len(words) != count:
        raise TextError(f"users {arguments.action} takes {what}")
    return words


ACTIONS: Mapping[str, Callable[[Namespace], int]] = {
    "list": _list,
    "add": _add,
    "change": _change,
    "password": _set_password,
    "totp": _totp,
    "delete": _delete,
    "sessions": _sessions,
    "end": _end,
}
