"""Whether a machine takes connections, and shows a certificate that is right for a name."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import ssl
from collections.abc import Iterable

from resolver.diagnosis.facts import Reached, Trouble

PATIENCE = 4.0
"""Seconds that a connection has, its handshake included."""

MOST = 8
"""Addresses that are tried."""

HTTPS, HTTP = 443, 80

_UNTIMELY = {9: (Trouble.EARLY, "is not valid yet"), 10: (Trouble.EXPIRED, "has expired")}  # X509_V_ERR_CERT_…
_OTHER_NAME = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21})  # X509_V_ERR_UNABLE_TO_…, …SELF_SIGNED_CERT…
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})


async def reach(addresses: Iterable[str], name: str, https: int = HTTPS, http: int = HTTP) -> tuple[Reached, ...]:
    """Both ports of each address (the first MOST of them), tried at once. `name` is normal text."""
    context = await asyncio.to_thread(ssl.create_default_context)
    chosen = list(dict.fromkeys(addresses))[:MOST]
    tries = [_reached(address, https, name, context) for address in chosen]
    tries += [_reached(address, http, name, None) for address in chosen]
    return tuple(await asyncio.gather(*tries))


async def _reached(address: str, port: int, name: str, context: ssl.SSLContext | None) -> Reached:
    loop = asyncio.get_running_loop()
    began = loop.time()
    trouble: tuple[Trouble | None, str] = (None, "")
    try:
        async with asyncio.timeout(PATIENCE):
            await _connect(address, port, name, context)
    except TimeoutError:
        trouble = (Trouble.SILENT, f"nothing came in {PATIENCE:g} seconds")
    except ssl.SSLCertVerificationError as error:
        trouble = _certificate(error, name)
    except ssl.SSLError as error:
        trouble = (Trouble.TLS, f"TLS failed: {(error.reason or 'no handshake').replace('_', ' ').lower()}")
    except ValueError:
        trouble = (Trouble.TLS, f"no certificate can be for {name}")
    except OSError as error:
        trouble = _refused(error)
    ms = round((loop.time() - began) * 1000, 1)
    return Reached(address, port, context is not None, trouble[0], trouble[1], ms)


async def _connect(address: str, port: int, name: str, context: ssl.SSLContext | None) -> None:
    """Connect and hang up. A certificate is checked by the handshake. Raises ValueError for a name that cannot be sent
    in one, before anything is opened."""
    if context is not None:
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=name)
    _, writer = await asyncio.open_connection(
        address, port, ssl=context, server_hostname=None if context is None else name
    )
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _certificate(error: ssl.SSLCertVerificationError, name: str) -> tuple[Trouble, str]:
    code = error.verify_code
    if code in _UNTIMELY:
        trouble, words = _UNTIMELY[code]
        return trouble, f"its certificate {words}"
    if code in _OTHER_NAME:
        return Trouble.OTHER_NAME, f"its certificate is not for {name}"
    if code in _UNKNOWN_ISSUER:
        return Trouble.UNKNOWN_ISSUER, "its certificate is by nobody that this machine knows"
    return Trouble.TLS, f"its certificate is refused: {error.verify_message}"


def _refused(error: OSError) -> tuple[Trouble, str]:
    if isinstance(error, ConnectionRefusedError):
        return Trouble.REFUSED, "it refuses connections"
    if error.errno in _NO_WAY:
        return Trouble.UNREACHABLE, os.strerror(error.errno).lower()  # asyncio's own words name the socket's address
    if error.errno == errno.ETIMEDOUT:
        return Trouble.SILENT, "nothing came"
    return Trouble.TLS, f"the connection failed: {error.strerror or str(error) or 'it was closed'}"
