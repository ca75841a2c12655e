"""The systems that there are steps for: the order is data."""

from __future__ import annotations

import msgspec


class System(msgspec.Struct, frozen=True):
    """A page of /setup: the last part of its address, what it is called, and of what kind it is. Its text is in the
    template setup_ID.html. `agents` are words by which its browsers can be told (RFC 9110 section 10.1.5)."""

    id: str
    title: str
    kind: str
    agents: tuple[str, ...] = ()


WHOLE, DEVICES, BROWSERS = "The whole house", "One device", "A browser that asks somebody else"

SYSTEMS = (
    System("router", "Any router", WHOLE),
    System("fritzbox", "FRITZ!Box", WHOLE),
    System("openwrt", "OpenWrt", WHOLE),
    System("unifi", "UniFi", WHOLE),
    System("ios", "iPhone and iPad", DEVICES, ("iPhone", "iPad")),  # before macOS, which they also call themselves
    System("android", "Android", DEVICES, ("Android",)),  # before Linux, likewise
    System("windows", "Windows 10 and 11", DEVICES, ("Windows NT",)),
    System("macos", "macOS", DEVICES, ("Mac OS X",)),
    System("linux", "Linux", DEVICES, ("Linux",)),
    System("tv", "Televisions and consoles", DEVICES, ("SMART-TV", "SmartTV", "PlayStation", "Nintendo", "Xbox")),
    System("firefox", "Firefox", BROWSERS),
    System("chrome", "Chrome and Edge", BROWSERS),
)

APPLE = frozenset({"ios", "macos"})
"""Those that take a profile."""

_EARLY = ("tv", "ios", "android")  # they call themselves other systems, too


def system(id: str) -> System | None:
    return next((one for one in SYSTEMS if one.id == id), None)


def guessed(agent: str) -> System | None:
    """The system that a browser says it is on; None if it says nothing of it."""
    early = sorted(SYSTEMS, key=lambda one: one.id not in _EARLY)
    return next((one for one in early if any(word in agent for word in one.agents)), None)
