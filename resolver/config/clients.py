"""The texts that devices and clients are written in. Pure, text in, value out.

Each function but `mac` raises TextError with a sentence that says what is wrong and what to write.
"""

from __future__ import annotations

import contextlib
import re

from resolver.config import called
from resolver.config.leaves import address, network, shown
from resolver.config.values import DeviceRef, MacAddress, Member, Router, Whom
from resolver.errors import TextError

_MAC = re.compile(r"[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(\1[0-9a-fA-F]{2}){4}")


def mac(text: str) -> str:
    """A MAC address in the form that rules compare: small letters, colons."""
    return text.lower().replace("-", ":")


def member(text: str) -> Member:
    """Who is of a group: an address, a network, a MAC address, or the name of a device."""
    if _MAC.fullmatch(text):
        return MacAddress(mac(text))
    if called.device(text):
        return DeviceRef(called.key(text))
    try:
        return network(text)
    except TextError as error:
        raise TextError(f"{error}; nor is it a MAC address or the name of a device") from None


def whom(text: str) -> Whom:
    """One client: an address, or the name of a device."""
    if called.device(text):
        return Whom(called.key(text))
    if _MAC.fullmatch(text):
        raise TextError(f"{shown(text)} is a MAC address; give the device a name in devices, and write that here")
    with contextlib.suppress(TextError):
        return Whom(str(address(text)))
    raise TextError(f'{shown(text)} is not an address, such as "192.0.2.20", nor the name of a device')


def router(text: str) -> Router:
    """Who is asked for names of private addresses: auto, off, or an address."""
    if text in {"auto", "off"}:
        return Router(text)
    with contextlib.suppress(TextError):
        return Router(str(address(text)))
    raise TextError(f"{shown(text)} is not an address; write one, or auto or off")
