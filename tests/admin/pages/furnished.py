"""A house with groups, schedules and services, whose config file says so: what the tests of these pages share. It is
Thursday, 12:00 in UTC."""

from __future__ import annotations

import html
import re

import pytest

from resolver.config.load import parse
from resolver.config.offered import Offered
from resolver.config.schema import Config
from resolver.lists.catalogue import Catalogue
from resolver.store.sightings import Seen
from tests.admin import household
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener
from tests.admin.pages.test_home import Page
from tests.admin.parts import NOON

KID, TABLET, PHONE = "192.0.2.21", "192.0.2.20", "192.0.2.40"
MAC = "02:00:5e:10:00:01"

HOST = "<img src=x onerror=alert(1)>\u202e\x07\x1b[2J" + "x" * 220
"""What a device that means no good says it is called."""

FILE = b"""
upstreams: ["udp://192.0.2.53"]
lists: [{id: ads, file: ads.txt}, {id: starter, file: starter.txt}]
devices:
  Tablet: {addresses: [192.0.2.20, "2001:db8::20"]}
groups:
  default: {lists: [ads]}
  kids: {clients: [192.0.2.20, 192.0.2.21], lists: [ads], schedules: [bedtime, study], services: [tiktok]}
  teens: {clients: [192.0.2.30], schedules: [bedtime], services: [games, tiktok]}
schedules:
  bedtime: {days: [mon, tue, wed, thu, sun], from: "21:00", to: "06:30", zone: UTC, only: [school.example]}
  study: {days: [mon, tue, wed, thu, fri], from: "15:00", to: "17:00", zone: UTC, block: ["service:roblox", "list:ads"]}
rules: [allow cdn.example.com]
"""


def furnish(opener: Opener, patch: pytest.MonkeyPatch, file: bytes = FILE) -> Config:
    """Have the house say this in its config file, and know the services that ship."""
    offered = Offered.load()
    patch.setattr(household, "CONFIG", file)
    patch.setattr(household, "Catalogue", lambda entries, home: Catalogue(entries, home, offered=offered))
    return parse(file, opener.lists / "lull.yaml", Catalogue({}, opener.lists, offered=offered).known())


def seen(house: House) -> None:
    """A phone with a hostile host name, a child's device, and the tablet."""
    notes = [Seen(PHONE, MAC, NOON - 60.0), Seen(KID, at=NOON - 30.0), Seen(TABLET, at=NOON - 10.0)]
    house.parts.devices.store.note(notes, {PHONE: (0, HOST)}, NOON, lambda _: False)


def text_of(page: str) -> str:
    """What a page says, in one line."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())


async def notice(browser: Browser, path: str) -> str:
    found = re.search(r'role="status">(.*?)</p>', await browser.page(path), re.DOTALL)
    return text_of(found[1]) if found else ""


async def refused(browser: Browser, path: str, fields: dict[str, str]) -> str:
    """The page on which a form that cannot be done is shown again."""
    reply = await browser.post(path, fields)
    assert reply.status in {400, 404, 409}, (reply.status, reply.location)
    return reply.text


def wrong(page: str) -> dict[str, str]:
    """What is said beside the fields of a page, by their ids."""
    found = re.findall(r'<p class="wrong" id="([^"]*)-wrong" role="alert">(.*?)</p>', page, re.DOTALL)
    return {field: html.unescape(said) for field, said in found}


def check_harmless(page: str) -> None:
    """No script or element of somebody else's, and nothing that nobody sees."""
    elements = Page(page).elements
    assert not {"img", "b", "iframe"} & {name for name, _ in elements}
    assert not [name for name, attributes in elements if any(one.startswith("on") for one in attributes)]
    assert page.replace("\n", "").isprintable()
