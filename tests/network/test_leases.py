import os
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.network import leases
from resolver.network.leases import Lease, Leases, parse
from tests.network.apart import MAC, OTHER

NOW = 1_767_268_800.0  # 2026-01-01 12:00 UTC
LATER, BEFORE = int(NOW) + 3600, int(NOW) - 1

DNSMASQ = f"""{LATER} {MAC} 192.0.2.10 Tablet 01:{MAC}
{BEFORE} {OTHER} 192.0.2.11 gone *
0 {OTHER} 192.0.2.12 * *
3600 02:00:5e:10:00:03 192.0.2.13 clockless *
{LATER} 06-02:00:5e:10:00:04 192.0.2.14 other-kind *
not a lease
{LATER} {OTHER} 999.0.2.1 nowhere *
{LATER} {OTHER}
{LATER} {OTHER} 192.0.2.15 \x1b[2Jevil *
duid 00:01:00:01:2c:00:00:00:02:00:5e:10:00:01
{LATER} 12345678 fd00::10 tablet 00:01:00:01:2c:00:00:00:02:00:5e:10:00:01
"""

ISC = f"""# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

lease 192.0.2.20 {{
  starts 4 2026/01/01 11:00:00;
  ends 4 2026/01/01 13:00:00;
  binding state active;
  next binding state free;
  hardware ethernet {MAC};
  client-hostname "Tablet";
}}
lease 192.0.2.21 {{
  ends never;
  binding state active;
  hardware ethernet {OTHER};
}}
lease 192.0.2.22 {{
  ends 4 2026/01/01 11:59:59;
  binding state active;
  hardware ethernet {OTHER};
}}
lease 192.0.2.23 {{
  ends epoch {LATER}; # Thu Jan  1 13:00:00 2026
  binding state active;
  client-hostname "tv";
}}
lease 192.0.2.24 {{
  ends never;
  binding state active;
  hardware ethernet {OTHER};
}}
lease 192.0.2.24 {{
  ends never;
  binding state free;
}}
lease 192.0.2.25 {{
  ends 4 not/a/date;
  binding state active;
}}
lease 192.0.2.26 {{
  ends never;
  binding state active;
  hardware ethernet {OTHER};
"""

KEA4 = f"""address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool
192.0.2.30,{MAC},01:02,3600,{LATER},1,0,0,tablet.lan.,0,,0
192.0.2.31,{OTHER},,3600,{LATER},1,0,0,tv,0,,0
192.0.2.31,{OTHER},,0,{LATER},1,0,0,tv,2,,0
192.0.2.32,{OTHER},,3600,{BEFORE},1,0,0,tv,0,,0
192.0.2.33,{OTHER},,3600,{LATER},1,0,0,a&#x2cb,0,,0
192.0.2.34,{OTHER},,3600
"""

KEA6 = f"""address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,\
hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id
fd00::30,00:01,3600,{LATER},1,3000,0,7,128,0,0,tablet,{MAC},0,,1,2,0
fd00:1::,00:01,3600,{LATER},1,3000,2,7,64,0,0,router,{MAC},0,,1,2,0
"""


def test_dnsmasq() -> None:
    assert parse(DNSMASQ, NOW) == {
        "192.0.2.10": Lease("192.0.2.10", MAC, "tablet"),
        "192.0.2.12": Lease("192.0.2.12", OTHER, ""),
        "192.0.2.13": Lease("192.0.2.13", "02:00:5e:10:00:03", "clockless"),
        "192.0.2.14": Lease("192.0.2.14", "", "other-kind"),
        "192.0.2.15": Lease("192.0.2.15", OTHER, ""),
        "fd00::10": Lease("fd00::10", "", "tablet"),
    }


def test_isc() -> None:
    assert parse(ISC, NOW) == {
        "192.0.2.20": Lease("192.0.2.20", MAC, "tablet"),
        "192.0.2.21": Lease("192.0.2.21", OTHER, ""),
        "192.0.2.23": Lease("192.0.2.23", "", "tv"),
    }


@pytest.mark.parametrize(
    "ends", ["4 2026/13/45 10:00:00", "4 0000/00/00 00:00:00", "4 2026/01/01 25:61:61", "epoch -1", "9 never", ""]
)
def test_times_that_there_are_not(ends: str) -> None:
    assert parse(f"lease 192.0.2.20 {{\n  ends {ends};\n  binding state active;\n}}\n", NOW) == {}


def test_kea() -> None:
    assert parse(KEA4, NOW) == {
        "192.0.2.30": Lease("192.0.2.30", MAC, "tablet.lan"),
        "192.0.2.33": Lease("192.0.2.33", OTHER, ""),
    }
    assert parse(KEA6, NOW) == {"fd00::30": Lease("fd00::30", MAC, "tablet")}


@given(st.sampled_from([DNSMASQ, ISC, KEA4, KEA6]), st.integers(0, 900), st.text(max_size=40))
def test_whatever_stands_in_a_file_is_survived(text: str, place: int, more: str) -> None:
    for lease in parse(text[:place] + more + text[place:], NOW).values():
        assert lease.address
        assert lease.mac == "" or len(lease.mac) == 17
        assert lease.host.isascii()
        assert " " not in lease.host


def test_files_are_read_again_only_when_they_change(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[pathlib.Path] = []
    load = leases._load
    monkeypatch.setattr(leases, "_load", lambda path: loads.append(path) or load(path))  # type: ignore[func-returns-value]
    one, other, missing = tmp_path / "dnsmasq.leases", tmp_path / "kea.csv", tmp_path / "missing"
    one.write_text(f"{LATER} {MAC} 192.0.2.10 tablet *\n")
    other.write_text(KEA4)
    files = Leases()
    assert set(files.read([one, other, missing], NOW)) == {"192.0.2.10", "192.0.2.30", "192.0.2.33"}
    assert set(files.read([one, other, missing], NOW + 7200)) == set()  # ended, though the file is the same
    assert loads == [one, other]
    one.write_text(f"{LATER} {MAC} 192.0.2.40 tablet *\n")
    os.utime(one, ns=(1, 1))
    assert set(files.read([one, other], NOW)) == {"192.0.2.40", "192.0.2.30", "192.0.2.33"}
    assert loads == [one, other, one]
    one.unlink()
    assert set(files.read([one, other], NOW)) == {"192.0.2.30", "192.0.2.33"}
    assert files.read([], NOW) == {}


def test_of_a_large_file_the_end_counts(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LARGEST", 4096)
    head, *rows = KEA4.splitlines()
    old = [f"192.0.2.99,{OTHER},,3600,{LATER},1,0,0,old,0,,0"]
    path = tmp_path / "kea.csv"
    path.write_text("\n".join([head, *old * 500, *rows[:1] * 30, ""]))
    assert set(Leases().read([path], NOW)) == {"192.0.2.30", "192.0.2.99"}
    path.write_text("\n".join([head, *old * 5, *rows[:1] * 300, ""]))
    assert set(Leases().read([path], NOW)) == {"192.0.2.30"}


def test_what_is_no_file_is_not_waited_for(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    (tmp_path / "bytes").write_bytes(os.urandom(5000))
    assert Leases().read([tmp_path / name for name in ("pipe", "directory", "bytes")], NOW) == {}


@pytest.mark.parametrize("before", ["\n", "\r\n \n", "\x0b\n"])
@pytest.mark.parametrize("text", [DNSMASQ, ISC, KEA4])
def test_blank_lines_come_first(before: str, text: str) -> None:
    assert parse(before + text, NOW) == parse(text, NOW)


@pytest.mark.parametrize("odd", "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
def test_what_a_device_calls_itself_is_no_line(odd: str) -> None:
    """Some separators only Python takes for the end of a line."""
    text = KEA4.replace("tablet.lan.", f"x{odd}192.0.2.1,{MAC},,1,{LATER},1,0,0,router,0,,0")
    assert "192.0.2.1" not in parse(text, NOW)
