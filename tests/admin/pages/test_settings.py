"""The pages at /settings: choosing, taking back, and what the config file says; no secret is on them."""

from __future__ import annotations

import re

import pytest

from resolver.admin.pages.withheld import lines, without_secrets
from tests.admin.household import ADMIN, House, Opener
from tests.admin.pages.furnished import FILE, check_harmless, furnish, notice, text_of
from tests.admin.pages.test_home import MARKUP


def test_what_the_log_keeps_is_chosen_and_taken_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await browser.page("/settings")
        assert "Nothing: everything is as the config file says." in text_of(page)
        fields = {"privacy": "no-client", "keep": "7d", "size": "2GB"}
        reply = await browser.post("/settings/log", fields)
        assert (reply.status, reply.location) == (303, "/settings")
        assert [(one.path, one.value) for one in house.service.choices.every()] == [
            ("log.keep", "7d"),
            ("log.privacy", "no-client"),
        ]
        assert await notice(browser, "/settings") == "● The log keeps that from now on."
        page = await browser.page("/settings")
        assert "Undo" in page
        assert f"Chosen here by {ADMIN} (127.0.0.1) on" in text_of(page)
        config = house.service.config
        assert (config.log.privacy, config.log.keep) == ("no-client", 7 * 86400.0)
        assert len((await house.service.history.changes(1)).entries[0].what.split("; ")) == 2, "one change, one undo"
        await browser.post("/settings/back", {"path": "log.keep"})
        assert [one.path for one in house.service.choices.every()] == ["log.privacy"]
        assert await notice(browser, "/settings") == "● log.keep is as the config file says."

    open_house(scenario)


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_changed(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        fields = {"privacy": "no-name", "keep": "<img src=x>7 days", "size": "2GB"}
        reply = await browser.post("/settings/log", fields)
        assert reply.status == 400
        check_harmless(reply.text)
        assert re.search(r'id="log-keep-wrong"[^>]*>&#34;[^<]*is not a duration', reply.text)
        assert '<option value="no-name" selected>' in reply.text
        assert house.service.choices.every() == []
        reply = await browser.post("/settings/blocking", {"mode": "address", "ttl": "10s", "addresses": ""})
        assert "mode address needs the addresses to answer with" in text_of(reply.text)
        reply = await browser.post(
            "/settings/blocking", {"mode": "address", "ttl": "10s", "addresses": "192.0.2.1, ::1"}
        )
        assert reply.status == 303
        assert [str(one) for one in house.service.config.blocking.addresses] == ["192.0.2.1", "::1"]
        assert 'value="192.0.2.1 ::1"' in await browser.page("/settings")

    open_house(scenario)


def test_a_choice_that_is_left_out_is_told(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def first(house: House) -> None:
        await house.service.choices.put("groups.kids.schedules", ["study"], "anna")

    async def then(house: House) -> None:
        browser = await house.sign_in()
        page = text_of(await browser.page("/settings"))
        assert "Chosen here, but not in force: groups.kids.schedules[0]: there is no schedule" in page

    open_house(first, config=furnish(open_house, monkeypatch))
    config = furnish(open_house, monkeypatch, re.sub(rb"  study:.*\n", b"", FILE).replace(b", study", b""))
    open_house(then, config=config)


def test_only_admins_choose(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        for path in ("/settings", "/settings/file"):
            reply = await house.get(path, token=None, headers={"Cookie": kim.cookies})
            assert reply.status == 403
        reply = await kim.post("/settings/log", {"privacy": "off", "keep": "7d", "size": "0"})
        assert (reply.status, house.service.choices.every()) == (403, [])
        anna = await house.sign_in()
        forged = await anna.post("/settings/back", {"path": "log.keep", "form": "0" * 64})
        assert forged.status == 403

    open_house(scenario)


SECRET = FILE.replace(
    b'["udp://192.0.2.53"]',
    b'["nextdns:abc123", "https://dns.example/personal77", "sdns://AgcAAAAAAAAABzEuMC4wLjEAEmRucy5jbG91ZGZsYXJlLmNvbQovZG5zLXF1ZXJ5"]',
)
SECRET += b"bootstrap: [192.0.2.53]\nstore: postgresql+psycopg://lull:hunter2@db.example/lull?password=hunter2\n"
SECRET = SECRET.replace(b'"2001:db8::20"]', b'"2001:db8::20"], id: kims-secret-id')
SECRET = SECRET.replace(b"lists: [{id: ads,", b'lists: [{id: l, url: "https://lists.example/a.txt?key=k3y"}, {id: ads,')


def test_every_key_is_told_and_no_secret(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.service.choices.put("groups.kids.lists", ["ads", "starter"], "anna")
        page = await browser.page("/settings/file")
        sections = re.findall(r"section=([a-z-]+)", page)
        assert {"general", "dns", "log", "groups", "devices", "schedules", "upstreams"} <= set(sections)
        told = ""
        for section in dict.fromkeys(sections):
            page = await browser.page(f"/settings/file?section={section}")
            check_harmless(page)
            assert len(page) < 38_000, section
            told += page
        for secret in ("hunter2", "abc123", "personal77", "AgcAAAAA", "kims-secret-id", "k3y"):
            assert secret not in told, secret
        for open_ in (
            "db.example/lull",
            "nextdns:(not shown)",
            "https://dns.example/(not shown)",
            "tiktok",
            "school.example",
        ):
            assert open_ in text_of(told), open_
        groups = text_of(await browser.page("/settings/file?section=groups"))
        assert "groups.kids.lists ads starter chosen here, instead of line" in groups
        assert re.search(r"groups\.kids\.services tiktok line \d+ default: nothing Services that are blocked", groups)
        reply = await house.get("/settings/file?section=nothing", token=None, headers={"Cookie": browser.cookies})
        assert reply.status == 404

    open_house(scenario, config=furnish(open_house, monkeypatch, SECRET))


def test_many_keys_are_paged(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "".join(f"  d{n}: {{addresses: [198.51.100.{n}], names: [h{n}]}}\n" for n in range(60)).encode()
    file = FILE.replace(b"groups:\n", many + b"groups:\n")

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await browser.page("/settings/file?section=devices")
        assert len(page) < 38_000
        found = set(re.findall(r"devices\.d\d+\.\w+", page))
        while after := re.search(r'href="([^"]*)">Next keys', page):
            page = await browser.page(after[1].replace("&amp;", "&"))
            found |= set(re.findall(r"devices\.d\d+\.\w+", page))
        assert len(found) == 120

    open_house(scenario, config=furnish(open_house, monkeypatch, file))


def test_values_are_cut_short() -> None:
    assert lines("rules", [f"allow n{n}.example" for n in range(30)])[-1] == "and 22 more"
    assert lines("basics", None) == ["nothing is said"]
    assert lines("dns.user", "") == ["nothing"]
    assert lines("schedules.b", {"from": "21:00", "only": ["a"]}) == ["from: 21:00", 'only: ["a"]']


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("upstreams", "udp://192.0.2.53", "udp://192.0.2.53"),
        ("upstreams", "system", "system"),
        ("upstreams", "quad9", "quad9"),
        ("upstreams", "https://dns.example/dns-query", "https://dns.example/dns-query"),
        ("upstreams", "https://dns.example/dns-query/kim", "https://dns.example/(not shown)"),
        ("groups.kids.upstreams", "controld:x1", "controld:(not shown)"),
        ("forward.corp.example", "h3://dns.example/p", "h3://dns.example/(not shown)"),
        (
            "lists",
            {"id": "a", "url": "https://u:p@x.example/l.txt"},
            {"id": "a", "url": "https://(not shown)@x.example/l.txt"},
        ),
        ("encrypted.key", "/etc/key.pem", "(not shown)"),
        ("devices.tv.id", "x", "(not shown)"),
        ("dns.workers", 2, 2),
    ],
)
def test_what_is_withheld(path: str, value: object, shown: object) -> None:
    assert without_secrets(path, value) == shown


def test_hostile_text_is_harmless(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        who = f"{MARKUP}\u202e\x07\x1b[2J"
        url = "https://lists.example/" + "<img>" * 20 + "x" * 300
        await house.service.choices.put("lists", ["starter", {"id": "ads", "url": url}], who)
        await house.service.choices.put("groups.Küche & Co", {"rules": ["deny ||x.example^$dnstype=A"]}, who)
        house.service.config_trouble = who
        browser = await house.sign_in()
        for path in ("/settings", "/settings/file?section=lists", "/settings/file?section=groups", "/welcome/lists"):
            page = await browser.page(path)
            check_harmless(page.replace("<b>", ""))
            assert len(page) < 38_000
        assert "Küche &amp; Co" in await browser.page("/settings")

    open_house(scenario)
