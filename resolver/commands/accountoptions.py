"""The options of `lull users`, `lull tokens` and `lull requests`, as argparse takes them."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction

from resolver.commands import requests as asking
from resolver.commands import tokens as making
from resolver.commands import users as signing
from resolver.commands import values


def users(parser: ArgumentParser) -> None:
    add = parser.add_argument
    help = (
        f"{', '.join(signing.ACTIONS)}; list unless given. totp NAME off: ask for no codes any more; sessions: who is "
        "signed in where; end ID: end one. Passwords are asked for, or read from standard input"
    )
    add("action", metavar="ACTION", nargs="?", choices=tuple(signing.ACTIONS), default="list", help=help)
    add("words", metavar="NAME", nargs="*", type=values.text, help="the user that is meant")
    help = "admin: may do everything; member: sees one device. To add: member if there is a --device, else admin"
    add("--role", choices=("admin", "member"), help=help)
    add("--device", metavar="DEVICE", type=values.client, help="of a member: its address, MAC address or name")
    help = "whether a member may allow themselves something for that device, for up to an hour"
    add("--grants", action=BooleanOptionalAction, help=help)


def tokens(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("action", nargs="?", choices=tuple(making.ACTIONS), default="list", help="list unless given")
    add("word", metavar="NAME|ID", nargs="?", type=values.text, help="to make: for which program; to revoke: the ID")
    help = f"to make: what it may do, of {', '.join(making.SCOPES)}; repeatable; read unless given"
    add("--scope", dest="scopes", metavar="SCOPE", action="append", type=values.text, help=help)
    add("--for", dest="duration", metavar="TIME", type=values.span, help="to make: good for so long; else for good")


def requests(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("action", nargs="?", choices=asking.ACTIONS, default="list", help="list unless given")
    add("id", metavar="ID", nargs="?", type=values.number, help="the request that is decided")
    add("--for", dest="duration", metavar="TIME", type=values.span, help="to grant: for so long, not as asked for")
