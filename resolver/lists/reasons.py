"""Why a download failed, for a person."""

from __future__ import annotations

import http

import aiohttp

from resolver.errors import ListError

_REASONS: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (aiohttp.ServerTimeoutError, "nothing came for {idle:g} seconds"),
    (TimeoutError, "it took longer than {total:g} seconds"),
    (aiohttp.InvalidURL, "it leads to an address that is not valid"),
    (aiohttp.ClientConnectorDNSError, "its name cannot be looked up"),
    (aiohttp.ClientPayloadError, "the connection ended before all of it had come"),
    (aiohttp.ServerDisconnectedError, "the server closed the connection"),
    (aiohttp.ClientResponseError, "the answer is not readable as HTTP"),
)


def why(error: Exception, *, total: float, idle: float) -> str:
    """What went wrong, in one line; `total` and `idle` were the seconds allowed.

    No exception's text that may hold the URL, and with it a secret, is repeated.
    """
    match error:
        case ListError():
            return str(error)
        case aiohttp.ClientConnectorCertificateError():
            cause = error.certificate_error
            return f"its certificate is not valid: {getattr(cause, 'verify_message', cause)}"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answered {named(error.status)}"
        case aiohttp.ClientProxyConnectionError():
            return f"no connection to the proxy: {_cause(error)}"
        case aiohttp.ClientConnectorSSLError():
            return f"no TLS connection: {_cause(error)}"
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason.format(total=total, idle=idle)
    match error:
        case aiohttp.ClientConnectorError():
            return f"no connection: {_cause(error)}"
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            return f"the request failed ({type(error).__name__})"


def named(number: int) -> str:
    """An HTTP status as it may be shown: "404 Not Found"."""
    try:
        return f"{number} {http.HTTPStatus(number).phrase}"
    except ValueError:
        return str(number)


def _cause(error: aiohttp.ClientConnectorError) -> str:
    cause = error.os_error
    reason = getattr(cause, "reason", None)  # not every ssl.SSLError has one
    if isinstance(reason, str):
        return reason.lower().replace("_", " ")
    return cause.strerror or str(cause)
