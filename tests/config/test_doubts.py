"""What a config perhaps does not mean: files that are not there, devices that nobody looks for."""

from __future__ import annotations

import os
import pathlib

import pytest

from resolver.config.doubts import doubts
from resolver.config.known import Known
from resolver.config.load import parse


def _doubts(text: str, directory: pathlib.Path) -> list[str]:
    return list(doubts(parse(text.encode(), directory / "lull.yaml", Known())))


def test_files_that_are_not_there(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "pipe")
    lists = ", ".join(
        f"{{id: {id}, file: {file}}}" for id, file in (("a", "a.txt"), ("b", "b.txt"), ("d", "d"), ("p", "pipe"))
    )
    found = _doubts(f"lists: [{lists}]\ndiscovery: {{leases: [a.txt, c.leases]}}", tmp_path)
    assert found == [
        f"list b: {tmp_path}/b.txt cannot be read (there is no such file); nothing of it counts until it can",
        f"list d: {tmp_path}/d cannot be read (that is no file); nothing of it counts until it can",
        f"list p: {tmp_path}/pipe cannot be read (that is no file); nothing of it counts until it can",
        f"discovery.leases: {tmp_path}/c.leases cannot be read (there is no such file)",
    ]


@pytest.mark.parametrize(
    ("device", "discovery", "found"),
    [
        ("mac: '02:00:5e:10:00:01'", "", True),
        ("mac: '02:00:5e:10:00:01'", "neighbours: false", False),
        ("mac: '02:00:5e:10:00:01', names: [tv]", "neighbours: false", True),
        ("mac: '02:00:5e:10:00:01', addresses: [192.0.2.1]", "neighbours: false", True),
        ("names: [tv]", "router: off", True),
        ("names: [tv]", "router: off, leases: []", False),
        ("names: [tv]", "leases: []", True),
    ],
)
def test_devices_that_nobody_looks_for(device: str, discovery: str, found: bool, tmp_path: pathlib.Path) -> None:
    said = _doubts(f"lists: []\ndevices: {{tv: {{{device}}}}}\ndiscovery: {{{discovery}}}", tmp_path)
    assert said == ([] if found else ['devices.tv: "tv" will not be found: discovery is off for what it is known by'])


def test_schedules_that_no_group_has(tmp_path: pathlib.Path) -> None:
    schedule = "{from: '21:00', to: '07:00', block: [a.example]}"
    config = f"lists: []\nschedules: {{a: {schedule}, b: {schedule}}}\ngroups: {{kids: {{schedules: [a]}}}}\n"
    assert _doubts(config, tmp_path) == [
        "schedules.b: no group has it, so it does nothing; name it in schedules of a group"
    ]


def test_a_site_by_which_nothing_is_blocked(tmp_path: pathlib.Path) -> None:
    some = "{site: a.example, allow: all}, {site: b.example, allow: all, window: always, client: 192.0.2.1}"
    config = f"lists: []\nsites: [{some}, {{site: c.example, allow: all, window: always}}]\n"
    assert _doubts(config, tmp_path) == [
        "sites[2]: allow all, with window always, for everyone: no list, service or default blocks anything any more"
    ]


def test_macs_of_groups(tmp_path: pathlib.Path) -> None:
    groups = "lists: []\ngroups: {a: {clients: ['02:00:5e:10:00:01']}, b: {clients: [192.0.2.1]}}\n"
    assert _doubts(groups, tmp_path) == []
    assert _doubts(groups + "discovery: {neighbours: false}", tmp_path) == [
        "groups.a.clients: MAC addresses are not found while discovery.neighbours is false"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dns: {listen: ['127.0.0.1:53', '192.168.1.2:53', '[fd00::1]:53', '0.0.0.0:53', '[::]:53']}", []),
        ("dns: {listen: ['127.0.0.1:53', '9.9.9.8:53']}", ["dns.listen[1]: 9.9.9.8 is an address of the internet"]),
        ("encrypted: {tls: ['[2620:fe::8]:853']}", ["encrypted.tls[0]: 2620:fe::8 is an address of the internet"]),
        ("dns: {allow: [private, any]}", ["dns.allow[1]: any lets strangers ask"]),
        ("dns: {allow: ['0.0.0.0/0']}", ["dns.allow[0]: 0.0.0.0/0 lets strangers ask"]),
        ("dns: {allow: ['::/0', '2620:fe::/32']}", ["dns.allow[0]: ::/0 lets", "dns.allow[1]: 2620:fe::/32 lets"]),
        ("dns: {allow: [private, '9.9.9.0/24', '2620:fe::/48', '10.0.0.0/8']}", []),
    ],
)
def test_what_lets_the_world_in(tmp_path: pathlib.Path, text: str, found: list[str]) -> None:
    said = _doubts(f"{text}\nlists: []", tmp_path)
    assert len(said) == len(found), said
    assert all(one.startswith(start) for one, start in zip(said, found, strict=True)), said
