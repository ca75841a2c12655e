"""TLS to upstreams: who they are is always checked, by name, and by key where pins are given (RFC 8310 section 8.1).

A certificate that fails for nothing but its dates is told apart (UpstreamUntimely): then it may be the clock of this
machine that is wrong, and a house whose clock is wrong must still be able to set it. For that alone there are contexts
that check everything but the dates; `pool` says when they are used.
"""

from __future__ import annotations

import hashlib
import ssl

from resolver.errors import UpstreamError, UpstreamUnreachable, UpstreamUntimely
from resolver.upstream.endpoint import Endpoint

NO_CHECK_TIME = 0x200000  # X509_V_FLAGNO_CHECK_TIME, for which Python has no name
_UNTIMELY = {9: "is not valid yet", 10: "has expired"}  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_SELF_SIGNED = frozenset({18, 19})  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT and …SELF_SIGNED_CERT_IN_CHAIN
_UNKNOWN_ISSUER = frozenset({2, 20, 21})  # X509_V_ERR_UNABLE_TO_…: no issuer is known, or its signature does not fit
_WRONG_NAME = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_SEQUENCE = 0x30
_VERSION = 0xA0
_BEFORE_KEY = 5  # fields of a TBSCertificate between its version and its key (RFC 5280 section 4.1)


class Context(ssl.SSLContext):
    """A client's context that resumes sessions: the last one of each server name (RFC 8446 section 2.2)."""

    sessions: dict[str, ssl.SSLSession]

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        session = session or self.sessions.get(str(server_hostname))
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


class Contexts:
    """The contexts of a process, made when first needed: each holds all authorities of the system, which takes 25 ms.
    SSL_CERT_FILE and SSL_CERT_DIR name others."""

    def __init__(self) -> None:
        self._made: dict[tuple[tuple[str, ...], bool], Context] = {}

    def get(self, protocols: tuple[str, ...], *, dated: bool = True) -> Context:
        """The context for these protocols (ALPN); one that is not `dated` does not look at dates."""
        found = self._made.get((protocols, dated))
        if found is None:
            found = self._made[protocols, dated] = _context(protocols, dated=dated)
        return found


def _context(protocols: tuple[str, ...], *, dated: bool) -> Context:
    context = Context(ssl.PROTOCOL_TLS_CLIENT)  # which checks certificates and names
    context.sessions = {}
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(list(protocols))
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if not dated:
        context.verify_flags = ssl.VerifyFlags(context.verify_flags | NO_CHECK_TIME)
    return context


class Security:
    """The TLS of one endpoint."""

    def __init__(self, contexts: Contexts, endpoint: Endpoint, *protocols: str, dated: bool = True) -> None:
        """`protocols` are for ALPN; without `dated` the dates of certificates do not count."""
        self._contexts = contexts
        self._protocols = protocols
        self._dated = dated
        self._name = endpoint.name
        self._pins = endpoint.pins

    @property
    def context(self) -> Context:
        return self._contexts.get(self._protocols, dated=self._dated)

    def check(self, connection: ssl.SSLObject) -> None:
        """Raises UpstreamUnreachable unless the server holds a pinned key, if any is pinned."""
        if not self._pins:
            return
        certificate = connection.getpeercert(binary_form=True)
        if certificate is None or not pinned(certificate, self._pins):
            raise UpstreamUnreachable(NOT_PINNED)

    def keep(self, connection: ssl.SSLObject) -> None:
        """Remember a connection's session for the next; tickets of TLS 1.3 come after the handshake."""
        session = connection.session
        if session is not None and session.has_ticket:
            self.context.sessions[self._name] = session

    def failure(self, error: OSError) -> UpstreamError | None:
        """What went wrong in TLS; None when it is not TLS that failed."""
        if not isinstance(error, ssl.SSLError):
            return None
        self.context.sessions.pop(self._name, None)  # the server may have another key since
        if isinstance(error, ssl.SSLCertVerificationError):
            return refusal(error.verify_code, error.verify_message, self._name)
        return UpstreamUnreachable(f"TLS failed: {(error.reason or 'no handshake').replace('_', ' ').lower()}")


NOT_PINNED = "its certificate has none of the pinned keys"


def refusal(code: int, text: str, name: str) -> UpstreamError:
    """Why OpenSSL refuses a certificate (X509_V_ERR_…); chain and name are looked at before the dates are."""
    if code in _UNTIMELY:
        return UpstreamUntimely(f"its certificate {_UNTIMELY[code]}, if this machine's clock is right")
    if code in _WRONG_NAME:
        return UpstreamUnreachable(f"its certificate is not for {name}")
    if code in _SELF_SIGNED:
        return UpstreamUnreachable("its certificate is self-signed, or by an authority that this machine does not know")
    if code in _UNKNOWN_ISSUER:
        return UpstreamUnreachable("its certificate is by an authority that this machine does not know")
    return UpstreamUnreachable(f"its certificate is refused: {text}")


def pinned(certificate: bytes, pins: tuple[bytes, ...]) -> bool:
    """Whether the SHA-256 of the key of a certificate (DER, its SubjectPublicKeyInfo) is among `pins`."""
    try:
        key = public_key(certificate)
    except (IndexError, ValueError):
        return False
    return hashlib.sha256(key).digest() in pins


def public_key(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate, both DER (RFC 5280 section 4.1). Raises ValueError or IndexError."""
    _, at, _ = _element(certificate, 0)
    _, at, _ = _element(certificate, at)
    tag, _, end = _element(certificate, at)
    if tag == _VERSION:
        at = end
    for _ in range(_BEFORE_KEY):
        _, _, at = _element(certificate, at)
    tag, _, end = _element(certificate, at)
    if tag != _SEQUENCE or end > len(certificate):
        raise ValueError("not a certificate")
    return certificate[at:end]


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start of the content and end of the DER element at `at`."""
    length = data[at + 1]
    start = at + 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    return data[at], start, start + length
