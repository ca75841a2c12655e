"""An authority of the tests' own, and certificates by it: right ones and wrong ones."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "dns.example"
_DAY = dt.timedelta(days=1)


class Issued:
    """A certificate and its key, in one PEM file."""

    def __init__(self, path: pathlib.Path, certificate: x509.Certificate) -> None:
        self.path = path
        self.der = certificate.public_bytes(Encoding.DER)
        self.key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def pin(self) -> str:
        """As it stands in a URL."""
        return "sha256//" + base64.b64encode(hashlib.sha256(self.key).digest()).decode()

    def server(self, *protocols: str) -> ssl.SSLContext:
        """A server's context with this certificate and these protocols (ALPN)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context


class Authority:
    """Issues certificates into a directory; `path` is its own, for who trusts it."""

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of tests")])
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder(
            self._name, self._name, self._key.public_key(), 1, now - 99 * _DAY, now + 99 * _DAY
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
        )
        self.path = directory / "authority.pem"
        self.path.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(
        self,
        *names: str,
        begins: float = -10,
        ends: float = 10,
        self_signed: bool = False,
        server: bool = True,
        file: str = "server",
    ) -> Issued:
        """A certificate for these names and addresses, valid from and to so many days from now, for a
        `server` or for clients."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A server of tests")])
        now = dt.datetime.now(dt.UTC)
        issuer, signer = (name, key) if self_signed else (self._name, self._key)
        serial = x509.random_serial_number()
        builder = x509.CertificateBuilder(
            issuer, name, key.public_key(), serial, now + begins * _DAY, now + ends * _DAY
        )
        alternatives = x509.SubjectAlternativeName([_general(one) for one in names])
        builder = builder.add_extension(alternatives, critical=False)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(usage, critical=False)
        certificate = builder.sign(signer, hashes.SHA256())
        path = self._directory / f"{file}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
        return Issued(path, certificate)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
