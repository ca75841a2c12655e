"""TLS inside QUIC: aioquic sees to it that the peer holds the key of its certificate; all else of that is checked here,
before anything is sent to the peer: whose it is and for what, by whom, its dates, its key. `tls` says when dates do not
count."""

from __future__ import annotations

import ssl

from aioquic import tls
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated
from aioquic.quic.packet import QuicErrorCode
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import crypto
from service_identity import CertificateError, VerificationError
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint
from resolver.upstream.line import IDLE
from resolver.upstream.tls import NO_CHECK_TIME, NOT_PINNED, pinned, refusal

_WRONG_NAME = 62  # X509_V_ERR_HOSTNAME_MISMATCH
_WRONG_PURPOSE = 26  # X509_V_ERR_INVALID_PURPOSE


class Authorities:
    """The authorities of the system, read when first needed, which takes 25 ms; `tls.Contexts` for QUIC."""

    def __init__(self) -> None:
        self._stores: dict[bool, crypto.X509Store] = {}

    def get(self, *, dated: bool) -> crypto.X509Store:
        """Those by which a certificate may be; without `dated` its dates do not count."""
        found = self._stores.get(dated)
        if found is None:
            found = self._stores[dated] = crypto.X509Store()
            paths = ssl.get_default_verify_paths()
            if paths.cafile or paths.capath:
                found.load_locations(paths.cafile, paths.capath)
            if not dated:
                found.set_flags(NO_CHECK_TIME)
        return found


class Security:
    """The TLS of one QUIC endpoint: configuration, the session to resume, and who the peer is."""

    def __init__(self, authorities: Authorities, endpoint: Endpoint, protocol: str, *, dated: bool) -> None:
        """`protocol` is for ALPN; without `dated` the dates of certificates do not count."""
        self._protocol = protocol
        self._authorities = authorities
        self._endpoint = endpoint
        self._dated = dated
        self._ticket: tls.SessionTicket | None = None

    def configuration(self) -> QuicConfiguration:
        return QuicConfiguration(
            is_client=True,
            alpn_protocols=[self._protocol],
            server_name=self._endpoint.name,
            idle_timeout=2 * IDLE,
            verify_mode=ssl.CERT_NONE,  # as `check` does it
            session_ticket=self._ticket,
        )

    def keep(self, ticket: tls.SessionTicket) -> None:
        """Remember the session with a peer that was checked for the next connection."""
        self._ticket = ticket

    def check(self, context: tls.Context) -> None:
        """Raises UpstreamUnreachable unless chain, name and key are right. A session that is resumed was checked."""
        certificate, chain = _shown(context)
        if certificate is None:
            return
        name = self._endpoint.name
        try:
            _check_name(certificate, name)
            others = [crypto.X509.from_cryptography(one) for one in chain]
            store = self._authorities.get(dated=self._dated)
            crypto.X509StoreContext(store, crypto.X509.from_cryptography(certificate), others).verify_certificate()
        except crypto.X509StoreContextError as error:
            raise refusal(error.errors[0], str(error), name) from None
        if self._endpoint.pins and not pinned(certificate.public_bytes(Encoding.DER), self._endpoint.pins):
            raise UpstreamUnreachable(NOT_PINNED)

    def failure(self, event: ConnectionTerminated) -> UpstreamError:
        """What the end of a connection means."""
        self._ticket = None
        if event.error_code == QuicErrorCode.INTERNAL_ERROR and "idle" in event.reason_phrase.lower():
            return UpstreamUnreachable("it does not answer")
        return UpstreamUnreachable(f"QUIC failed: {event.reason_phrase[:80] or f'error {event.error_code}'}")


def _shown(context: tls.Context) -> tuple[x509.Certificate | None, list[x509.Certificate]]:
    """What the peer has shown: its certificate, and those of who signed it."""
    return context._peer_certificate, context._peer_certificate_chain  # noqa: SLF001 - aioquic tells in no other way


def _check_name(certificate: x509.Certificate, name: str) -> None:
    """Raises UpstreamUnreachable unless the certificate is for this name or address, and for a server."""
    check = verify_certificate_ip_address if ":" in name or name[-1].isdigit() else verify_certificate_hostname
    try:
        check(certificate, name)
    except (CertificateError, VerificationError, ValueError):
        raise refusal(_WRONG_NAME, "", name) from None
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if ExtendedKeyUsageOID.SERVER_AUTH not in usages:
        raise refusal(_WRONG_PURPOSE, "it is not for servers", name)
