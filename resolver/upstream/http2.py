"""HTTP/2 as a DoH client speaks it (RFC 9113): a stream a query, many at once; what a server sends is bounded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
from hpack import NeverIndexedHeaderTuple
from hpack.struct import Header

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.line import IN_FLIGHT, Call
from resolver.upstream.request import headers, with_query
from resolver.upstream.response import MAX_BODY, MAX_HEADERS, UNUSED, USELESS, Response
from resolver.upstream.streams import Stream

_WINDOW = 1 << 20  # bytes that the server may send before they are acknowledged, on one connection
_CONFIG = h2.config.H2Configuration(
    client_side=True,
    header_encoding=None,
    validate_outbound_headers=False,  # ours are always the same
    normalize_outbound_headers=False,
)
_AT_FIRST = 1  # request, until the server has said how many it takes at a time
_ENDED = h2.errors.ErrorCodes.CANCEL


class Http2:
    """What a line says and hears in HTTP/2 (RFC 9113)."""

    def __init__(self, line: Stream, authority: bytes, responded: Callable[[Call, Response], None]) -> None:
        """`responded` takes each response that is whole."""
        self._line = line
        self._responded = responded
        self._allowed = _AT_FIRST
        self._unused = 0  # bytes since some were of an answer
        self._responses: dict[int, Response] = {}
        self._h2 = h2.connection.H2Connection(_CONFIG)
        self._headers = headers(line.endpoint, authority)

    def begin(self) -> None:
        codes = h2.settings.SettingCodes
        initial = {codes.ENABLE_PUSH: 0, codes.MAX_HEADER_LIST_SIZE: MAX_HEADERS}
        self._h2.local_settings = h2.settings.Settings(client=True, initial_values=initial)
        self._h2.decoder.max_header_list_size = MAX_HEADERS
        self._h2.initiate_connection()
        self._line.at_once = self._allowed
        self._h2.increment_flow_control_window(_WINDOW)
        self._line.write(self._h2.data_to_send())

    def transmit(self, call: Call, data: bytes) -> bool:
        """Send a query; False when there is no room for it now, and the line is pumped when there is. Raises
        UpstreamUnreachable when the connection takes no more."""
        if len(data) > self._h2.outbound_flow_control_window and self._line.endpoint.method == "post":
            self._line.at_once = 0
            return False
        try:
            self._request(call, data)
        except h2.exceptions.ProtocolError as error:
            self._line.calls.pop(call.number, None)
            raise UpstreamUnreachable(f"no more fits into the HTTP/2 connection: {error}"[:200]) from error
        return True

    def _go_on(self) -> None:
        """The server takes more, or says how many at a time."""
        self._line.at_once = self._allowed
        self._line.pump()

    def _request(self, call: Call, data: bytes) -> None:
        number = call.number = self._h2.get_next_available_stream_id()
        self._line.calls[number] = call
        self._responses[number] = Response()
        if self._line.endpoint.method == "get":
            path = NeverIndexedHeaderTuple(b":path", with_query(self._line.endpoint, data))
            self._h2.send_headers(number, [path, *self._headers], end_stream=True)
        else:
            length = (b"content-length", str(len(data)).encode())
            self._h2.send_headers(number, [*self._headers, length])
            self._h2.send_data(number, data, end_stream=True)
        self._line.write(self._h2.data_to_send())

    def forget(self, call: Call) -> None:
        self._reset(call.number)

    def _reset(self, number: int) -> None:
        """Want no more of a stream."""
        if self._responses.pop(number, None) is not None:
            with contextlib.suppress(h2.exceptions.StreamClosedError):  # it may have ended meanwhile
                self._h2.reset_stream(number, _ENDED)
                self._line.write(self._h2.data_to_send())

    def receive(self, data: bytes) -> None:
        """Raises UpstreamUnreachable when the connection is of no more use."""
        try:
            self._unused += len(data)
            for event in self._h2.receive_data(data):
                self._event(event)
            out = self._h2.data_to_send()
        except h2.exceptions.ProtocolError as error:
            raise UpstreamUnreachable(f"it breaks HTTP/2: {error}"[:200]) from error
        if self._unused > UNUSED:
            raise UpstreamUnreachable(USELESS)
        if out:
            self._line.write(out)

    def _event(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.DataReceived):
            if event.flow_controlled_length:
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            self._part(event.stream_id, event.data)
        elif isinstance(event, h2.events.ResponseReceived | h2.events.InformationalResponseReceived):
            self._head(event.stream_id, event.headers)
        elif isinstance(event, h2.events.StreamEnded):
            self._end(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self._was_reset(event.stream_id, event.error_code or 0)
        elif isinstance(event, h2.events.RemoteSettingsChanged):
            self._allowed = max(1, min(IN_FLIGHT, self._h2.remote_settings.max_concurrent_streams))
            self._line.limit = self._allowed
            self._go_on()
        elif isinstance(event, h2.events.WindowUpdated):
            if not self._line.at_once:
                self._go_on()
        elif isinstance(event, h2.events.ConnectionTerminated):
            # Streams that the server still means to answer are sent again too: h2 reads nothing after a GOAWAY.
            raise UpstreamUnreachable("the server closed the connection")

    def _head(self, number: int, headers: Iterable[Header]) -> None:
        if (response := self._responses.get(number)) is not None:
            self._unused = 0
            fields = [(bytes(name), bytes(value)) for name, value in headers]
            status = next((value for name, value in fields if name == b":status"), b"")
            if (failure := response.head(status, fields)) is not None:
                self._failed(number, failure)

    def _part(self, number: int, data: bytes) -> None:
        response = self._responses.get(number)
        if response is None:
            return
        self._unused = 0
        if not response.add(data):
            self._failed(number, UpstreamUnreachable(f"a response longer than {MAX_BODY} bytes"))

    def _end(self, number: int) -> None:
        response = self._responses.pop(number, None)
        call = self._line.calls.pop(number, None)
        if response is not None and call is not None:
            self._responded(call, response)

    def _failed(self, number: int, failure: UpstreamError) -> None:
        call = self._line.calls.pop(number, None)
        self._reset(number)
        if call is not None:
            self._line.heard()
            call.settle(failure)
            self._line.pump()

    def _was_reset(self, number: int, code: int) -> None:
        self._responses.pop(number, None)
        call = self._line.calls.pop(number, None)
        if call is not None:
            self._line.heard()
            error = UpstreamUnreachable(f"the server refused the request (HTTP/2 error {code})")
            self._line.home.retry(call, error, again=code == h2.errors.ErrorCodes.REFUSED_STREAM)
            self._line.pump()
