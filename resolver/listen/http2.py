"""HTTP/2 as a server speaks it (RFC 9113), by h2; and the patience that it has."""

from __future__ import annotations

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

from resolver.listen.doh import LARGEST, Reply, Request, too_large
from resolver.listen.stream import IN_FLIGHT

_HEADERS = 16_384  # bytes of a request's headers
_RESETS = 200  # streams that a client may take back on one connection (CVE-2023-44487)
_HELD = 256 << 10  # bytes of requests under way
_STREAM = 1 << 10  # bytes that a request under way takes beside what it says

_CONFIG = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")


class _Coming:
    """A request of which not all is here."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        self.body = bytearray()
        self.size = _STREAM + sum(len(name) + len(value) for name, value in headers.items())


class Http2:
    """See `http.Version`."""

    busy = False

    def __init__(self) -> None:
        self._h2 = h2.connection.H2Connection(_CONFIG)
        self._coming: dict[int, _Coming] = {}
        self._waiting: dict[int, bytes] = {}  # bodies that wait for the client's windows
        self._resets = 0
        self._held = self._unsent = self._silent = 0
        self.over = False
        self._h2.local_settings = h2.settings.Settings(
            client=False,
            initial_values={
                h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: IN_FLIGHT,
                h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE: _HEADERS,
                h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL: 0,
            },
        )
        self._h2.decoder.max_header_list_size = _HEADERS
        self._h2.initiate_connection()

    @property
    def held(self) -> int:
        return self._held + self._unsent + self._silent

    def out(self) -> bytes:
        return self._h2.data_to_send()

    def feed(self, data: bytes) -> list[tuple[int, Request | Reply]]:
        try:
            events = self._h2.receive_data(data)
        except (h2.exceptions.ProtocolError, UnicodeDecodeError):
            self.over = True  # h2 has said why, in a GOAWAY
            return []
        self._silent = 0 if events else self._silent + len(data)  # parts of headers: a megabyte, if they never end
        found: dict[int, Request | Reply] = {}
        moved = False
        for event in events:
            if isinstance(event, h2.events.StreamReset):
                found.pop(event.stream_id, None)
            moved |= isinstance(event, h2.events.WindowUpdated | h2.events.RemoteSettingsChanged)
            whole = self._event(event)
            if whole is not None:
                found[whole[0]] = whole[1]
        if moved:
            self._go_on()  # once: there may be thousands of them
        return [] if self.over else list(found.items())

    def _event(self, event: h2.events.Event) -> tuple[int, Request | Reply] | None:
        match event:
            case h2.events.RequestReceived():
                coming = self._coming[event.stream_id] = _Coming(dict(event.headers))  # type: ignore[arg-type] # texts, by _CONFIG
                return self._grown(event.stream_id, coming, coming.size)
            case h2.events.DataReceived():
                return self._data(event)
            case h2.events.StreamEnded():
                return self._whole(event.stream_id)
            case h2.events.StreamReset():
                self._reset(event.stream_id)
            case h2.events.ConnectionTerminated():
                self.over = True
        return None

    def _data(self, event: h2.events.DataReceived) -> tuple[int, Reply] | None:
        stream, coming = event.stream_id, self._coming.get(event.stream_id)
        if event.flow_controlled_length:
            self._h2.acknowledge_received_data(event.flow_controlled_length, stream)
        if coming is None:
            return None
        coming.body += event.data
        coming.size += len(event.data)
        return self._grown(stream, coming, len(event.data))

    def _grown(self, stream: int, coming: _Coming, more: int) -> tuple[int, Reply] | None:
        self._held += more
        if len(coming.body) > LARGEST or self._held > _HELD:
            self._forget(stream)
            return stream, too_large()
        return None

    def _forget(self, stream: int) -> _Coming | None:
        coming = self._coming.pop(stream, None)
        if coming is not None:
            self._held -= coming.size
        return coming

    def _whole(self, stream: int) -> tuple[int, Request] | None:
        coming = self._forget(stream)
        if coming is None:
            return None
        method, target = coming.headers.get(":method", ""), coming.headers.get(":path", "")
        return stream, Request(method, target, coming.headers, bytes(coming.body))

    def _reset(self, stream: int) -> None:
        """A client that asks and takes back, again and again, makes work and is not served."""
        self._forget(stream)
        self._drop(stream)
        self._resets += 1
        if self._resets > _RESETS:
            self._h2.close_connection(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
            self.over = True

    def reply(self, stream: int, reply: Reply, *, bare: bool) -> None:
        body = b"" if bare else reply.body
        headers = [(":status", str(reply.status)), *reply.headers, ("content-length", str(len(reply.body)))]
        try:
            self._h2.send_headers(stream, headers, end_stream=not body)
        except (h2.exceptions.ProtocolError, KeyError):
            return  # the client has taken it back, or is gone
        if body:
            self._waiting[stream] = body
            self._unsent += len(body)
            self._send(stream)

    def _go_on(self) -> None:
        for stream in list(self._waiting):
            self._send(stream)

    def _send(self, stream: int) -> None:
        """As much of a body as the client's windows take."""
        try:
            while body := self._waiting[stream]:
                room = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size)
                if room <= 0:
                    return
                self._h2.send_data(stream, body[:room], end_stream=len(body) <= room)
                self._waiting[stream] = body[room:]
                self._unsent -= len(body[:room])
        except (h2.exceptions.ProtocolError, KeyError):
            pass
        self._drop(stream)

    def _drop(self, stream: int) -> None:
        self._unsent -= len(self._waiting.pop(stream, b""))
