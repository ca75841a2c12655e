"""HTTP/1.1 as a server speaks it (RFC 9112), by h11: one request after the other."""

from __future__ import annotations

import contextlib

import h11

from resolver.listen.doh import LARGEST, Reply, Request, too_large

_HEADERS = 16_384  # bytes of a request's line and headers


class Http1:
    """See `http.Version`. The stream is always 1; a request is read when the one before was answered."""

    def __init__(self) -> None:
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEADERS)
        self._out = bytearray()
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._answering = False
        self.over = False

    @property
    def held(self) -> int:
        return len(self._body) + len(self._h11.trailing_data[0])

    @property
    def busy(self) -> bool:
        return self._answering

    def out(self) -> bytes:
        data, self._out = bytes(self._out), bytearray()
        return data

    def feed(self, data: bytes) -> list[tuple[int, Request | Reply]]:
        if data:
            self._h11.receive_data(data)
        found: list[tuple[int, Request | Reply]] = []
        while not self._answering and not self.over:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                self.over = True
                self._refuse(error)
                break
            if event is h11.NEED_DATA or event is h11.PAUSED:
                break
            whole = self._event(event)
            if whole is not None:
                self._answering = True
                found.append((1, whole))
        return found

    def _event(self, event: type[h11.NEED_DATA | h11.PAUSED] | h11.Event) -> Request | Reply | None:
        match event:
            case h11.Request():
                self._request, self._body = event, bytearray()
                if self._h11.they_are_waiting_for_100_continue:
                    going_on = h11.InformationalResponse(status_code=100, headers=[])
                    self._out += self._h11.send(going_on) or b""
            case h11.Data():
                self._body += event.data
                if len(self._body) > LARGEST:
                    return too_large()
            case h11.EndOfMessage() if self._request is not None:
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self._request.headers}
                method, target = self._request.method.decode("latin-1"), self._request.target.decode("latin-1")
                return Request(method, target, headers, bytes(self._body))
            case h11.ConnectionClosed():
                self.over = True
        return None

    def reply(self, stream: int, reply: Reply, *, bare: bool) -> None:  # noqa: ARG002 - there is only one
        self._answering, self._request = False, None
        try:
            self._say(reply, close=self._h11.their_state is not h11.DONE, bare=bare)
            if self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE:
                self._h11.start_next_cycle()
            else:
                self.over = True
        except h11.LocalProtocolError:
            self.over = True

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        bare = self._request is not None and self._request.method == b"HEAD"
        with contextlib.suppress(h11.LocalProtocolError):  # it is too late to say anything
            self._say(_refused(error), close=True, bare=bare)

    def _say(self, reply: Reply, *, close: bool, bare: bool = False) -> None:
        headers = [*reply.headers, ("content-length", str(len(reply.body)))]
        if close:
            headers.append(("connection", "close"))
        parts = [h11.Response(status_code=reply.status, headers=headers)]
        events: list[h11.Event] = [*parts, *([] if bare else [h11.Data(data=reply.body)]), h11.EndOfMessage()]
        for event in events:
            self._out += self._h11.send(event) or b""


def _refused(error: h11.RemoteProtocolError) -> Reply:
    text = f"{error}\n".encode("ascii", "backslashreplace")
    return Reply(error.error_status_hint, text, (("content-type", "text/plain"), ("cache-control", "no-store")))
