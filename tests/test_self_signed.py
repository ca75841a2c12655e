"""The certificate for trying."""

from __future__ import annotations

import pathlib

import pytest
from cryptography import x509

from resolver import self_signed, serve
from resolver.config.encrypted import Encrypted
from resolver.config.load import Overrides
from resolver.config.schema import Config, Dns
from resolver.config.values import Endpoint
from resolver.plan import Plan


def test_a_name_may_be_long(tmp_path: pathlib.Path) -> None:
    """Longer than the 64 characters of a common name (RFC 5280, ub-common-name)."""
    name = "a-resolver-with-quite-a-long-name.of-a-house-with-a-long-one.family.example.net"
    self_signed.make(tmp_path / "made.pem", [name])
    made = x509.load_pem_x509_certificate((tmp_path / "made.pem").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert name in names.get_values_for_type(x509.DNSName)


def test_it_holds_the_names_of_devices_too(tmp_path: pathlib.Path) -> None:
    self_signed.make(tmp_path / "made.pem", ["dns.home.arpa", "192.0.2.1"])
    made = x509.load_pem_x509_certificate((tmp_path / "made.pem").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName)[:2] == ["dns.home.arpa", "*.dns.home.arpa"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.1", "127.0.0.1", "::1"]


def test_it_is_made_by_the_user_who_reads_it(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And never by root: the directory is another user's, who may have put a link there."""
    did: list[str] = []
    monkeypatch.setattr(serve, "_drop_privileges", lambda _: did.append("drop"))
    monkeypatch.setattr(self_signed, "make", lambda *_: did.append("make"))
    monkeypatch.setattr(Plan, "follow", lambda _: did.append("run"))
    monkeypatch.setattr(serve, "_bind", lambda *_: [])
    file = tmp_path / "lull.yaml"
    file.write_text("")
    config = Config(dns=Dns(), state=tmp_path, encrypted=Encrypted(tls=(Endpoint("127.0.0.1", 0),)))
    serve.serve(config, file, Overrides())
    assert did == ["drop", "make", "run"]
