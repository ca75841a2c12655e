"""The name that a client of QUIC asks for (RFC 6066 section 3), which aioquic reads and does not tell: a connection
that looks at the first message of its handshake before TLS does."""

from __future__ import annotations

from typing import cast

from aioquic import tls as messages
from aioquic._buffer import Buffer, BufferReadError
from aioquic.quic.connection import QuicConnection

_HEAD = 4  # bytes of a handshake message before its content (RFC 8446 section 4)
_LONGEST = 16 << 10


class NamedConnection(QuicConnection):
    """A connection of a server that knows which name it was `called` by; "" when it was by none."""

    called: str

    @property
    def tls(self) -> messages.Context:
        """Made with the first packet (aioquic)."""
        return cast("messages.Context", self.__dict__["tls"])

    @tls.setter
    def tls(self, context: messages.Context) -> None:
        self.__dict__["tls"] = context
        handle, hello = context.handle_message, bytearray()

        def look(data: bytes, output: dict[messages.Epoch, Buffer]) -> None:
            nonlocal hello
            hello += data
            if len(hello) >= _HEAD + int.from_bytes(hello[1:_HEAD], "big") or len(hello) > _LONGEST:
                self.called = _name(bytes(hello))
                context.handle_message = handle  # type: ignore[method-assign] # the rest is no business of ours
            handle(data, output)

        context.handle_message = look  # type: ignore[method-assign,assignment] # looked at on its way


def named(connection: QuicConnection) -> NamedConnection:
    """The same connection, of which nothing has come yet."""
    connection.__class__ = NamedConnection
    found = cast("NamedConnection", connection)
    found.called = ""
    return found


def _name(hello: bytes) -> str:
    """The name in a whole ClientHello; what is wrong with it TLS says."""
    try:
        return (messages.pull_client_hello(Buffer(data=hello)).server_name or "").lower()
    except (messages.Alert, BufferReadError, ValueError, AssertionError):
        return ""
