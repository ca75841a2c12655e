"""Who comes in, and what is theirs: everything about users, sessions, tokens and members, made and joined."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import NoReturn

from resolver.admin.accounts import Accounts
from resolver.admin.asking import Asking
from resolver.admin.changing import Changing
from resolver.admin.exceptions import Exceptions
from resolver.admin.own import Own
from resolver.admin.parts import Parts
from resolver.admin.passwords import Passwords
from resolver.admin.planning import Planning
from resolver.admin.ruling import Ruling
from resolver.admin.signing import Signing
from resolver.admin.tokens import Tokens
from resolver.admin.tries import Tries
from resolver.admin.users import Users
from resolver.admin.visitors import Visitors
from resolver.admin.welcome import Welcome
from resolver.config.schema import Config
from resolver.config.values import Endpoint
from resolver.model import Type
from resolver.paths import welcome_file


class Entrance:
    """Its parts raise ApiError for what cannot be done, with a reason."""

    def __init__(
        self, parts: Parts, config: Callable[[], Config], change: Changing, ruling: Ruling, planning: Planning
    ) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        passwords = Passwords()
        exceptions = Exceptions(parts, change, ruling, planning)
        self.tries = Tries(parts.clock)
        self.accounts = Accounts(parts.accounts, parts.clock)
        self.signing = Signing(self.accounts, passwords, self.tries)
        self.users = Users(self.accounts, passwords, exceptions.scope)
        self.own = Own(self.accounts, passwords, self.signing)
        self.tokens = Tokens(self.accounts)
        self.asking = Asking(self.accounts, exceptions)
        self.visitors = Visitors(parts, config)
        self.welcome = Welcome(self.accounts, self.tries, welcome_file(parts.state), self._place)

    async def keep(self) -> NoReturn:
        """Follow the database, write down what waits, and tell how the first admin is made, until cancelled."""
        await self.accounts.keep(self.welcome.look)

    def devices(self) -> list[str]:
        """The names of all devices, as somebody wrote them."""
        return sorted(self._parts.devices.named().values())

    def _place(self) -> str:
        """Where browsers on the network find the admin: HOST:PORT."""
        listen = self._config().admin.listen
        if not ipaddress.ip_address(listen.host).is_unspecified:
            return str(listen)
        records = [one for one in self._parts.devices.host_records() if one.type == Type.A and one.rdatas]
        host = str(ipaddress.ip_address(records[0].rdatas[0])) if records else socket.gethostname()
        return str(Endpoint(host, listen.port))
