"""HTTP/1.1 for DoH servers that have nothing newer (RFC 9112): one request at a time on a connection."""

from __future__ import annotations

from collections.abc import Callable

from resolver.errors import UpstreamUnreachable
from resolver.upstream.line import Call
from resolver.upstream.request import with_query
from resolver.upstream.response import MAX_BODY, MAX_HEADERS, Response
from resolver.upstream.streams import Stream

_END = b"\r\n\r\n"
_LINE = b"\r\n"
_MAX_LINE = 256  # bytes of the line before a chunk
_MAX_DIGITS = 10  # of a length


class Http1:
    """What a line says and hears in HTTP/1.1."""

    def __init__(self, line: Stream, authority: bytes, responded: Callable[[Call, Response], None]) -> None:
        """`responded` takes each response that is whole."""
        self._line = line
        self._responded = responded
        self._get = line.endpoint.method == "get"
        path = line.endpoint.path.encode()
        common = b" HTTP/1.1\r\nhost: " + authority + b"\r\naccept: application/dns-message\r\n"
        self._head = (b"GET ", common + _LINE) if self._get else (b"POST " + path + common, b"")
        self._call: Call | None = None
        self._response = Response()
        self._buffer = bytearray()
        self._left: int | None = None  # bytes of the body or chunk that are to come; None while headers are
        self._chunked = False
        self._closes = False
        line.limit = line.at_once = 1

    def begin(self) -> None:
        """Nothing need be said before the first request."""

    def transmit(self, call: Call, data: bytes) -> bool:
        """Send a query; there is always room for one."""
        call.number = 0
        self._call = self._line.calls[0] = call
        self._response = Response()
        self._left = None
        before, after = self._head
        if self._get:
            self._line.write(before + with_query(self._line.endpoint, data) + after)
        else:
            length = str(len(data)).encode()
            kind = b"content-type: application/dns-message\r\ncontent-length: "
            self._line.write(before + kind + length + _END + data)
        return True

    def forget(self, call: Call) -> None:
        """The response would have to be read before the next request."""
        if call is self._call:
            self._line.fail(None)

    def receive(self, data: bytes) -> None:
        """Raises UpstreamUnreachable when the connection is of no more use."""
        if self._call is None:
            raise UpstreamUnreachable("the server spoke without being asked")
        self._buffer += data
        try:
            while self._call is not None and self._step():
                pass
        except UpstreamUnreachable as error:
            self._call.settle(error)  # and not sent again: it would come to the same
            raise

    def _step(self) -> bool:
        """Read one part of the response; False while it is not there whole."""
        if self._left is None:
            return self._headers()
        if self._chunked:
            return self._chunk()
        part = bytes(self._buffer[: self._left])
        del self._buffer[: len(part)]
        self._left -= len(part)
        self._add(part)
        if not self._left:
            self._finish()
        return False

    def _headers(self) -> bool:
        end = self._buffer.find(_END)
        if end > MAX_HEADERS or (end < 0 and len(self._buffer) > MAX_HEADERS):
            raise UpstreamUnreachable(f"response headers longer than {MAX_HEADERS} bytes")
        if end < 0:
            return False
        first, *lines = bytes(self._buffer[:end]).split(_LINE)
        del self._buffer[: end + len(_END)]
        version, _, rest = first.partition(b" ")
        if not version.startswith(b"HTTP/1."):
            raise UpstreamUnreachable("what it sends is not HTTP")
        fields = [_field(line) for line in lines]
        status = rest[:3]
        failure = self._response.head(status, fields)
        if failure is not None:
            raise failure  # what follows is of no use, and may be long
        if status[:1] != b"1":
            self._body(version, dict(fields))
        return True

    def _body(self, version: bytes, fields: dict[bytes, bytes]) -> None:
        """How long the body is (RFC 9112 section 6.3)."""
        connection = fields.get(b"connection", b"").lower()
        self._closes = b"close" in connection or (version == b"HTTP/1.0" and b"keep-alive" not in connection)
        self._chunked = fields.get(b"transfer-encoding", b"").lower().strip() == b"chunked"
        length = fields.get(b"content-length", b"")
        if self._chunked:
            self._left = 0
        elif length.isdigit() and len(length) <= _MAX_DIGITS and int(length) <= MAX_BODY:
            self._left = int(length)
        else:
            raise UpstreamUnreachable(f"a response of no known length, or longer than {MAX_BODY} bytes")

    def _chunk(self) -> bool:
        """One chunk, if it is there whole (RFC 9112 section 7.1)."""
        end = self._buffer.find(_LINE)
        if end < 0 or end > _MAX_LINE:
            if len(self._buffer) > _MAX_LINE:
                raise UpstreamUnreachable("what it sends is not HTTP")
            return False
        try:
            size = int(bytes(self._buffer[:end]).partition(b";")[0], 16)
        except ValueError:
            raise UpstreamUnreachable("what it sends is not HTTP") from None
        if not 0 <= size <= MAX_BODY:
            raise UpstreamUnreachable(f"a response longer than {MAX_BODY} bytes")
        whole = end + len(_LINE) + size + len(_LINE)
        if len(self._buffer) < whole:
            return False
        self._add(bytes(self._buffer[end + len(_LINE) : whole - len(_LINE)]))
        del self._buffer[:whole]
        if not size:
            self._finish()
        return True

    def _add(self, part: bytes) -> None:
        if not self._response.add(part):
            raise UpstreamUnreachable(f"a response longer than {MAX_BODY} bytes")

    def _finish(self) -> None:
        """The response is whole; the connection is kept for the next unless the server said otherwise."""
        call, self._call = self._call, None
        self._left = None
        if self._buffer:
            self._closes = True
            self._buffer.clear()
        if self._closes:
            self._line.limit = self._line.at_once = 0  # nothing more is sent here
        self._line.calls.clear()
        if call is not None:
            self._responded(call, self._response)
        if self._closes:
            self._line.fail(None)


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.lower(), value.strip()
