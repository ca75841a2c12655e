import errno
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from resolver.errors import ListError
from resolver.lists.reasons import named, why

KEY = ConnectionKey("me.example", 80, False, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ListError("it is larger than 1 MiB"), "it is larger than 1 MiB"),
        (TimeoutError(), "it took longer than 9 seconds"),
        (aiohttp.SocketTimeoutError(), "nothing came for 0.5 seconds"),
        (aiohttp.ConnectionTimeoutError("to http://me:secret@a.example"), "nothing came for 0.5 seconds"),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "secret")), "its name cannot be looked up"),
        (
            aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "Connection refused")),
            "no connection: Connection refused",
        ),
        (aiohttp.ClientProxyConnectionError(KEY, OSError("all of it")), "no connection to the proxy: all of it"),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "it is odd")), "no TLS connection: it is odd"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (aiohttp.ClientPayloadError("secret"), "the connection ended before all of it had come"),
        (ValueError("http://me:secret@a.example"), "the request failed (ValueError)"),
    ],
)
def test_what_is_said(error: Exception, said: str) -> None:
    assert why(error, total=9.0, idle=0.5) == said


@pytest.mark.parametrize(("number", "said"), [(404, "404 Not Found"), (299, "299"), (999, "999")])
def test_a_status(number: int, said: str) -> None:
    assert named(number) == said
