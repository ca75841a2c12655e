"""A configuration profile by which Apple's systems use encrypted DNS, as they document it: the payload
com.apple.dnsSettings.managed (iOS 14, macOS 11 and later), in a property list."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import plistlib
import ssl
import uuid
from typing import Any

from resolver.admin.setup import Reach
from resolver.config.hosts import HOUSEHOLD
from resolver.errors import ApiError
from resolver.paths import PRODUCT, SELF_SIGNED

CONTENT = "application/x-apple-aspen-config"
FILE = f"{PRODUCT}.mobileconfig"

_ID = ".".join(reversed(HOUSEHOLD.split(".")))
_TITLE = PRODUCT.capitalize()
_PATIENCE = 5.0  # seconds for openssl


def profile(reach: Reach) -> bytes:
    """The profile as XML. Raises ApiError where there is nothing encrypted to be used.

    It is in force only while the admin can be reached, which no other network lets it be: away from home a device
    would otherwise find no name at all.
    """
    payload = _piece(f"{_ID}.dns", "com.apple.dnsSettings.managed", f"DNS by {_TITLE}")
    payload["DNSSettings"] = _settings(reach)
    if reach.page:
        probe = {"Action": "Connect", "URLStringProbe": f"{reach.page}/healthz"}
        payload["OnDemandRules"] = [probe, {"Action": "Disconnect"}]
    whole = _piece(f"{_ID}.profile", "Configuration", f"{_TITLE} at home")
    whole["PayloadDescription"] = f"Has this device ask {_TITLE} at home for names, encrypted, while it is at home."
    whole["PayloadContent"] = [payload]
    return plistlib.dumps(whole)


def _settings(reach: Reach) -> dict[str, Any]:
    """HTTPS rather than TLS, as it may be on any port."""
    if reach.url:
        return {"DNSProtocol": "HTTPS", "ServerURL": reach.url, "ServerAddresses": list(reach.places)}
    if reach.tls:
        return {"DNSProtocol": "TLS", "ServerName": reach.name, "ServerAddresses": list(reach.places)}
    raise ApiError(404, "not-found", "there is no profile, as nothing encrypted can be used: the setup page says why")


def _piece(id: str, type: str, title: str) -> dict[str, Any]:
    """What every payload has. One of the same identifier replaces the one before."""
    return {
        "PayloadDisplayName": title,
        "PayloadIdentifier": id,
        "PayloadType": type,
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, id)).upper(),
        "PayloadVersion": 1,
    }


class Signer:
    """Signs profiles (CMS, RFC 5652) with the certificate of the encrypted listeners, by the program openssl, where
    that can be done. One made for trying is left out: devices show no more trust for it."""

    def __init__(self) -> None:
        self._last: tuple[object, bytes, bytes] | None = None
        self._one = asyncio.Lock()

    async def signed(self, profile: bytes, certificate: pathlib.Path | None, key: pathlib.Path | None) -> bytes | None:
        """The profile in its signature (DER); None where it cannot be signed. Made anew for another profile or
        certificate alone."""
        if certificate is None or certificate.name == SELF_SIGNED:
            return None
        key = key or certificate
        async with self._one:
            stamp = await asyncio.to_thread(_stamp, certificate, key)
            if stamp is None:
                return None
            if self._last is None or self._last[:2] != (stamp, profile):
                self._last = (stamp, profile, await _sign(profile, certificate, key))
            return self._last[2] or None


def _stamp(certificate: pathlib.Path, key: pathlib.Path) -> object:
    """By what these files are told from others; None if they are no pair that can be read."""
    with contextlib.suppress(OSError, ssl.SSLError, ValueError):
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_password)
        return [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in (certificate, key)]
    return None


def _no_password() -> str:
    """A key that asks for one is not of use here, and nobody is there to be asked."""
    raise ValueError("the key has a password")


async def _sign(profile: bytes, certificate: pathlib.Path, key: pathlib.Path) -> bytes:
    """Empty if that fails."""
    command = ["smime", "-sign", "-nodetach", "-binary", "-outform", "der", "-passin", "pass:"]
    command += ["-signer", str(certificate), "-inkey", str(key), "-certfile", str(certificate)]
    with contextlib.suppress(OSError, TimeoutError):
        process = await asyncio.create_subprocess_exec(
            "openssl",
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                made, _ = await process.communicate(profile)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return made if process.returncode == 0 else b""
    return b""
