"""The server's certificate: read from its files, and again when they change; and the names that clients ask for."""

from __future__ import annotations

import pathlib
import ssl
import weakref
from collections.abc import Sequence

from resolver.errors import LullError

_Stamp = tuple[tuple[int, int, int], ...]


class Certificate:
    """Of one certificate a context for each set of protocols. While its files are wrong, the last good one is used."""

    def __init__(self, certificate: str, key: str, names: Sequence[str]) -> None:
        self.trouble = ""
        self.version = 0  # another one for another certificate
        self._wanted: set[tuple[str, ...]] = {()}
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}
        self._asked: weakref.WeakKeyDictionary[ssl.SSLObject, str] = weakref.WeakKeyDictionary()
        self.become(certificate, key, names)

    def become(self, certificate: str, key: str, names: Sequence[str]) -> None:
        """Another certificate, in these files, with these names."""
        self.files = (certificate, key)
        self._names = tuple(name.lower() for name in names)
        self._stamp: _Stamp = ()
        self.look()

    def look(self) -> bool:
        """Read the files again if they are others now; whether they were. What is wrong with them is `trouble`."""
        try:
            stamp = tuple(_stamp(file) for file in self.files)
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            contexts = {protocols: self._made(protocols) for protocols in self._wanted}
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
            self.trouble = f"the certificate {self.files[0]} cannot be used: {why}"
            return False
        self.trouble = ""
        self.version += 1
        self._contexts = contexts
        return True

    def want(self, *protocols: str) -> None:
        """Have a context for connections that may speak these (ALPN), for as long as there is a certificate."""
        self._wanted.add(protocols)
        self._stamp = ()
        self.look()

    def context(self, *protocols: str) -> ssl.SSLContext:
        """For the next connection that may speak these; they were wanted. Raises LullError while there is none."""
        found = self._contexts.get(protocols)
        if found is None:
            raise LullError(self.trouble)
        return found

    def _made(self, protocols: Sequence[str]) -> ssl.SSLContext:
        context = _context(self.files, protocols)
        context.sni_callback = self._called
        return context

    def _called(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name:
            self._asked[connection] = name.lower()

    def id(self, connection: ssl.SSLObject) -> str:
        """Who a client says it is: the label before a name of the certificate in the name that it asked for."""
        return self.id_in(self._asked.get(connection, ""))

    def id_in(self, asked: str) -> str:
        label, _, name = asked.partition(".")
        return label if name in self._names else ""


def _stamp(file: str) -> tuple[int, int, int]:
    found = pathlib.Path(file).stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _context(files: tuple[str, str], protocols: Sequence[str]) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 (RFC 8310, RFC 9325), nobody asked for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(*files, password="")  # a key that has one is refused, and nobody asked at the terminal
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context
