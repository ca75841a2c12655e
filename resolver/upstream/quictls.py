"""TLS inside QUIC: aioquic checks certificates by itself, and here is what it does not: keys that are pinned, and
certificates whose dates are not to count (`tls` says why)."""

from __future__ import annotations

import ssl

from aioquic import tls
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated
from aioquic.quic.packet import QuicErrorCode
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import crypto
from service_identity import CertificateError, VerificationError
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint
from resolver.upstream.line import IDLE
from resolver.upstream.tls import NO_CHECK_TIME, NOT_PINNED, pinned, refusal

_NOT_TRUSTED = 20  # X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
_WRONG_NAME = 62  # X509_V_ERR_HOSTNAME_MISMATCH


class Security:
    """The TLS of one QUIC endpoint: configuration, the session to resume, and what aioquic does not check itself."""

    def __init__(self, endpoint: Endpoint, *, dated: bool) -> None:
        self._endpoint = endpoint
        self._dated = dated
        self._ticket: tls.SessionTicket | None = None

    def configuration(self) -> QuicConfiguration:
        paths = ssl.get_default_verify_paths()
        return QuicConfiguration(
            is_client=True,
            alpn_protocols=["doq"],
            server_name=self._endpoint.name,
            idle_timeout=2 * IDLE,
            cafile=paths.cafile,
            capath=paths.capath,
            verify_mode=ssl.CERT_REQUIRED if self._dated else ssl.CERT_NONE,
            session_ticket=self._ticket,
        )

    def keep(self, ticket: tls.SessionTicket) -> None:
        """Remember the session for the next connection."""
        self._ticket = ticket

    def check(self, context: tls.Context) -> None:
        """Raises UpstreamUnreachable unless chain, name and key are right. A session that is resumed was checked."""
        certificate = context._peer_certificate  # noqa: SLF001 - aioquic shows it in no other way
        if certificate is None:
            return
        if not self._dated:
            self._check_undated(certificate, context._peer_certificate_chain)  # noqa: SLF001 - likewise
        if self._endpoint.pins and not pinned(certificate.public_bytes(Encoding.DER), self._endpoint.pins):
            raise UpstreamUnreachable(NOT_PINNED)

    def _check_undated(self, certificate: x509.Certificate, chain: list[x509.Certificate]) -> None:
        """What aioquic checks, the dates apart."""
        name = self._endpoint.name
        try:
            check = verify_certificate_ip_address if ":" in name or name[-1].isdigit() else verify_certificate_hostname
            check(certificate, name)
        except (CertificateError, VerificationError, ValueError):
            raise refusal(_WRONG_NAME, "", name) from None
        store = crypto.X509Store()
        store.set_flags(NO_CHECK_TIME)
        paths = ssl.get_default_verify_paths()
        if paths.cafile or paths.capath:
            store.load_locations(paths.cafile, paths.capath)
        try:
            others = [crypto.X509.from_cryptography(one) for one in chain]
            crypto.X509StoreContext(store, crypto.X509.from_cryptography(certificate), others).verify_certificate()
        except crypto.X509StoreContextError as error:
            raise _refused(str(error), name) from None

    def failure(self, event: ConnectionTerminated) -> UpstreamError:
        """What the end of a connection means."""
        code = event.error_code - QuicErrorCode.CRYPTO_ERROR
        self._ticket = None
        name = self._endpoint.name
        if code == tls.AlertDescription.certificate_expired:
            return refusal(9 if "yet" in event.reason_phrase else 10, "", name)
        if code == tls.AlertDescription.bad_certificate:
            return _refused(event.reason_phrase, name)
        if event.error_code == QuicErrorCode.INTERNAL_ERROR and "idle" in event.reason_phrase.lower():
            return UpstreamUnreachable("it does not answer")
        return UpstreamUnreachable(f"QUIC failed: {event.reason_phrase[:80] or f'error {event.error_code}'}")


def _refused(reason: str, name: str) -> UpstreamError:
    """Why a certificate is refused, from the words of OpenSSL or service_identity."""
    for words, code in (
        ("match", _WRONG_NAME),
        ("Mismatch", _WRONG_NAME),
        ("not yet valid", 9),
        ("has expired", 10),
        ("self-signed", 18),
        ("self signed", 18),
        ("issuer", _NOT_TRUSTED),
    ):
        if words in reason:
            return refusal(code, reason, name)
    return refusal(0, reason[:80], name)
