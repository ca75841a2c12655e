"""The names by which the admin can be called. A page of a stranger that has its own name lead to our address (DNS
rebinding) is told by it: the browser sends that name, and thinks that page and admin are one."""

from __future__ import annotations

import re
import socket

from resolver.config.hosts import HOUSEHOLD, usual_names
from resolver.config.leaves import is_address
from resolver.config.schema import Config

_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]*))(?::[0-9]{0,5})?")
_ALWAYS = ("localhost",)


def is_ours(host: str, config: Config) -> bool:
    """Whether a Host header (RFC 9110 section 7.2) names this machine: by an address, as localhost, by one of its own
    names, or by one that the config tells."""
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    if match["v6"] is not None:
        return is_address(match["v6"])
    name = match["name"].rstrip(".").lower()
    return is_address(name) or name in _names(config)


def is_household(host: str) -> bool:
    """Whether a Host header has the name by which everybody in the house finds us."""
    match = _HOST.fullmatch(host)
    return match is not None and (match["name"] or "").rstrip(".").lower() == HOUSEHOLD


def _names(config: Config) -> set[str]:
    machine = socket.gethostname()
    names = {*_ALWAYS, *usual_names(machine), *(config.host_names or ()), *config.admin.hosts}
    names |= {machine, f"{machine.partition('.')[0]}.local"}  # as it is called where multicast DNS is spoken (RFC 6762)
    return {name.rstrip(".").lower() for name in names if name}
