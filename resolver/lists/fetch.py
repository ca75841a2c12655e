"""One download: a conditional request, received into a file within limits of time and size."""

from __future__ import annotations

import asyncio
import contextlib
import http
import pathlib
import re
from collections.abc import Iterator, Sequence

import aiohttp
import msgspec
import yarl

from resolver import __version__
from resolver.errors import ListError
from resolver.lists.sink import Sink, too_large
from resolver.lists.sources import Meta, Stamp
from resolver.lists.unpack import ACCEPTED, Unpacker
from resolver.paths import PRODUCT

USER_AGENT = f"{PRODUCT}/{__version__}"

_VALIDATOR = re.compile(r"[\x20-\x7e]{1,1024}")


class Limits(msgspec.Struct, frozen=True):
    """Seconds for a whole download (`total`) and for silence (`idle`), unpacked bytes, and redirects."""

    total: float = 120.0
    idle: float = 20.0
    size: int = 64 << 20
    redirects: int = 5


LIMITS = Limits()


class NotModified(msgspec.Struct, frozen=True):
    """The version that is kept is the one at `url`."""

    url: str


class Fetched(msgspec.Struct, frozen=True):
    """A whole version, unpacked and brought to disk at `path`; `sha256` and `bytes` are the file's.

    `seen` is the stamp of the file that it is a copy of; `url` is then that file's path.
    """

    path: pathlib.Path
    url: str
    sha256: str
    bytes: int
    etag: str = ""
    last_modified: str = ""
    seen: Stamp | None = None


def open_session() -> aiohttp.ClientSession:
    """A session for downloads: it honours the environment's proxies and keeps no cookies."""
    return aiohttp.ClientSession(
        trust_env=True, cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": USER_AGENT, "Accept": "*/*"}
    )


async def fetch_first(
    session: aiohttp.ClientSession, urls: Sequence[str], meta: Meta, limits: Limits, out: pathlib.Path
) -> Fetched | NotModified:
    """`fetch` from the first of several mirrors that gives it. Raises ListError with the reason of each."""
    reasons = []
    for url in urls:
        try:
            return await fetch(session, url, meta, limits, out)
        except ListError as error:
            reasons.append(str(error))
    raise ListError("; ".join(reasons))


async def fetch(
    session: aiohttp.ClientSession, url: str, meta: Meta, limits: Limits, out: pathlib.Path
) -> Fetched | NotModified:
    """What is at `url` now, received into the file `out`, unless it is what `meta` knows to be kept.

    Raises ListError with a reason for a person; what had come of it is removed then.
    """
    conditions = _conditions(url, meta)
    try:
        async with (
            asyncio.timeout(limits.total),
            session.get(
                url,
                headers={"Accept-Encoding": ACCEPTED, **conditions},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.idle, sock_read=limits.idle),
                max_redirects=limits.redirects + 1,  # aiohttp counts the request that is one too many
                auto_decompress=False,  # Unpacker keeps its memory within bounds
            ) as response,
        ):
            _check_hops(url, response)
            if not _is_new(response.status, conditional=bool(conditions)):
                return NotModified(url)
            with _gone_on_failure(out):
                return await _receive(response, url, limits, out)
    except (ListError, aiohttp.ClientError, OSError, ValueError) as error:
        raise ListError(f"{shown(url)}: {_reason(error, limits)}") from error


def _check_hops(url: str, response: aiohttp.ClientResponse) -> None:
    """What was asked for over TLS must not come without it. Raises ListError."""
    if url.startswith("https:") and any(hop.url.scheme == "http" for hop in (*response.history, response)):
        raise ListError("it redirects from https to http, where anybody on the way can change it")


def shown(url: str) -> str:
    """A URL as it may be shown: without user name, password and query, which may be secrets."""
    try:
        return str(yarl.URL(url).with_user(None).with_query(None).with_fragment(None))
    except ValueError:
        return "the URL"


def _conditions(url: str, meta: Meta) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110 section 13.1); a validator holds for the URL that gave it."""
    if url != meta.url or not meta.sha256:
        return {}
    headers = {"If-None-Match": meta.etag, "If-Modified-Since": meta.last_modified}
    return {name: value for name, value in headers.items() if _VALIDATOR.fullmatch(value)}


def _is_new(status: int, *, conditional: bool) -> bool:
    """Whether a version follows. Raises ListError for an answer that is neither a version nor "not modified"."""
    if status == http.HTTPStatus.OK:
        return True
    if status == http.HTTPStatus.NOT_MODIFIED and conditional:
        return False
    raise ListError(f"the server answered {_status(status)}")


@contextlib.contextmanager
def _gone_on_failure(out: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        out.unlink(missing_ok=True)
        raise


async def _receive(response: aiohttp.ClientResponse, url: str, limits: Limits, out: pathlib.Path) -> Fetched:
    unpacker = Unpacker(response.headers.get("Content-Encoding", ""))
    if (response.content_length or 0) > limits.size:
        raise too_large(limits.size)
    with Sink(out, limits.size) as sink:
        async for chunk in response.content.iter_any():
            for piece in unpacker.feed(chunk):
                sink.write(piece)
        unpacker.finish()
        await asyncio.to_thread(sink.finish)
    return Fetched(
        path=out,
        url=url,
        sha256=sink.sha256,
        bytes=sink.bytes,
        etag=response.headers.get("ETag", ""),
        last_modified=response.headers.get("Last-Modified", ""),
    )


def _status(number: int) -> str:
    try:
        return f"{number} {http.HTTPStatus(number).phrase}"
    except ValueError:
        return str(number)


_REASONS: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (aiohttp.ServerTimeoutError, "nothing came for {idle:g} seconds"),
    (TimeoutError, "it took longer than {total:g} seconds"),
    (aiohttp.TooManyRedirects, "it redirects more than {redirects} times"),
    (aiohttp.NonHttpUrlClientError, "it leads to an address that is not http:// or https://"),
    (aiohttp.InvalidURL, "it leads to an address that is not valid"),
    (aiohttp.ClientConnectorDNSError, "its name cannot be looked up"),
    (aiohttp.ClientPayloadError, "the connection ended before all of it had come"),
    (aiohttp.ServerDisconnectedError, "the server closed the connection"),
    (aiohttp.ClientResponseError, "the answer is not readable as HTTP"),
)


def _reason(error: Exception, limits: Limits) -> str:
    """What went wrong, in one line. No exception's text that may hold the URL, and with it a secret, is repeated."""
    match error:
        case ListError():
            return str(error)
        case aiohttp.ClientConnectorCertificateError():
            return f"its certificate is not valid: {error.certificate_error}"
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason.format(idle=limits.idle, total=limits.total, redirects=limits.redirects)
    match error:
        case aiohttp.ClientConnectorError():
            return f"no connection: {error.os_error.strerror or error.os_error}"
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            return f"the request failed ({type(error).__name__})"
