"""The API as a client: one request, one JSON body, and a sentence for everything that may go wrong between them."""

from __future__ import annotations

import contextlib
import http.client
import os
import pwd
import socket
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import BinaryIO, TypeVar
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import msgspec

from resolver import __version__
from resolver.admin.jobbodies import ErrorBody
from resolver.commands import place
from resolver.commands.outcome import NOT_RUNNING
from resolver.config.leaves import plain
from resolver.errors import ApiError, LullError, TextError
from resolver.paths import PRODUCT, WHO

T = TypeVar("T")

PATIENCE = 10.0  # seconds for an answer
A_WHILE = 60.0  # for one that the log must be looked through for
LONG = 900.0  # and for one that waits for downloads
_LARGEST = 64 << 20
_PIECE = 64 << 10


class Api:
    """The admin at a base URL. Every method returns the JSON body, and raises ApiError: `code` "not-running" when
    nothing answers, else what the API says."""

    def __init__(self, url: str, token: place.Token) -> None:
        self._url = url
        self._base = _split(url)
        self._token = token

    def get(self, path: str, *, wait: float = PATIENCE, **parameters: str | float | None) -> bytes:
        """GET /api/v1/PATH; a parameter that is None or "" is left out."""
        return self._ask("GET", path + _query(parameters), wait=wait)

    def post(self, path: str, body: msgspec.Struct | None = None, wait: float = PATIENCE) -> bytes:
        return self._ask("POST", path, b"" if body is None else msgspec.json.encode(body), wait)

    def put(self, path: str, body: msgspec.Struct, wait: float = PATIENCE) -> bytes:
        return self._ask("PUT", path, msgspec.json.encode(body), wait)

    def delete(self, path: str, **parameters: str | float | None) -> bytes:
        """DELETE /api/v1/PATH; parameters as for `get`."""
        return self._ask("DELETE", path + _query(parameters))

    @contextlib.contextmanager
    def stream(
        self, path: str, *, wait: float = PATIENCE, **parameters: str | float | None
    ) -> Iterator[http.client.HTTPResponse]:
        """GET /api/v1/PATH whose body comes bit by bit: read it with `lines` or `pieces`. `wait` is how long nothing
        may come."""
        connection = self._connection(wait)
        try:
            try:
                address = f"{self._base.path}/api/v1/{path}{_query(parameters)}"
                connection.request("GET", address, headers=self._headers(None) | {"Accept": "*/*"})
                response = connection.getresponse()
                refusal = b"" if response.status == 200 else response.read(_LARGEST)
            except OSError as error:
                raise ApiError(0, NOT_RUNNING, self._silence(error)) from error
            except (http.client.HTTPException, ValueError) as error:
                raise self._stranger(f"{type(error).__name__} {error}") from error
            if response.status != 200:
                raise self._refusal(response.status, refusal)
            yield response
        finally:
            connection.close()

    def lines(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """The lines of a stream, as they come. Raises ApiError when the connection ends, or says nothing for long."""
        while True:
            with self._lost():
                line = response.readline(_LARGEST)
            if not line:
                raise ApiError(0, NOT_RUNNING, f"the admin at {self._url} ended the connection")
            yield line

    def pieces(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """The bytes of a body that has an end. Raises ApiError when it is cut short."""
        while True:
            with self._lost():
                piece = response.read1(_PIECE)
            if not piece:
                return
            yield piece

    @contextlib.contextmanager
    def _lost(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise ApiError(0, NOT_RUNNING, f"the admin at {self._url} says nothing any more") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ApiError(0, NOT_RUNNING, f"the connection to the admin at {self._url} was lost") from error

    def upload(
        self,
        path: str,
        file: BinaryIO,
        size: int,
        type: str,
        *,
        wait: float = PATIENCE,
        **parameters: str | float | None,
    ) -> bytes:
        """POST so many bytes of a file, which are of that type."""
        more = {"Content-Type": type, "Content-Length": str(size)}
        return self._ask("POST", path + _query(parameters), file, wait, more)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | BinaryIO | None = None,
        wait: float = PATIENCE,
        more: Mapping[str, str] | None = None,
    ) -> bytes:
        connection = self._connection(wait)
        try:
            headers = {**self._headers(body), **(more or {})}
            connection.request(method, f"{self._base.path}/api/v1/{path}", body, headers)
            with connection.getresponse() as response:
                status, data = response.status, response.read(_LARGEST)
        except TimeoutError as error:
            raise ApiError(0, NOT_RUNNING, f"the admin at {self._url} did not answer in {wait:g} seconds") from error
        except OSError as error:
            raise ApiError(0, NOT_RUNNING, self._silence(error)) from error
        except (http.client.HTTPException, ValueError) as error:
            raise self._stranger(f"{type(error).__name__} {error}") from error
        finally:
            connection.close()
        if 200 <= status < 300:
            return data
        raise self._refusal(status, data)

    def _connection(self, wait: float) -> http.client.HTTPConnection:
        secure = self._base.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._base.hostname or "", self._base.port or (443 if secure else 80), timeout=wait)

    def _headers(self, body: object) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": f"{PRODUCT}/{__version__}", WHO: _who()}
        if self._token.value:
            headers["Authorization"] = f"Bearer {self._token.value}"
        if body:
            headers["Content-Type"] = "application/json"
        return headers

    def _silence(self, error: OSError) -> str:
        reason = error.strerror or str(error) or type(error).__name__
        return f"the admin at {self._url} does not answer ({reason}): is `{PRODUCT} serve` running?"

    def _stranger(self, what: str) -> ApiError:
        return ApiError(0, "not-the-admin", f"what answers at {self._url} is not the admin of {PRODUCT}: {what}")

    def _refusal(self, status: int, data: bytes) -> ApiError:
        if status == 401:
            return ApiError(status, "token", self._token.trouble or self._wrong_token())
        try:
            refusal = msgspec.json.decode(data, type=ErrorBody).error
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return self._stranger(f"it says {status} to a request")
        return ApiError(status, refusal.code, refusal.message, refusal.path)

    def _wrong_token(self) -> str:
        return (
            f"the admin at {self._url} does not accept the token of {self._token.place}: "
            f"give the --state of that daemon, or its token in {place.TOKEN}"
        )


def _query(parameters: Mapping[str, str | float | None]) -> str:
    """What stands behind a path."""
    given = {key: value for key, value in parameters.items() if value not in {None, ""}}
    return f"?{urlencode(given)}" if given else ""


def _who() -> str:
    """Who gives the command, as a header can hold it: user@host."""
    try:
        user = os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without a name
        user = str(os.getuid())
    return plain(f"{user}@{socket.gethostname()}").encode("ascii", "backslashreplace").decode()


def _split(url: str) -> SplitResult:
    try:
        base = urlsplit(url)
        usable = base.scheme in {"http", "https"} and base.hostname and base.port != 0 and url.isascii()
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise TextError(f"{place.ADMIN}: {url!r} is not where an admin could be: write HOST:PORT, or http://HOST:PORT")
    return base


def connect(arguments: Namespace) -> Api:
    """The admin of the daemon that the arguments, the environment and the config mean. Nothing is sent yet."""
    return Api(place.admin_url(arguments), place.token(arguments))


def decode(data: bytes, type: type[T]) -> T:
    """A body as its type. Raises LullError for one that is not."""
    try:
        return msgspec.json.decode(data, type=type)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LullError(
            f"the admin's answer is not understood ({error}): are this command and the daemon of one version?"
        ) from error


def segment(text: str) -> str:
    """Text as one segment of a path (RFC 3986 section 3.3)."""
    return quote(text, safe="")
