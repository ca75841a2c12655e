"""The page /settings/backup: a backup goes out, what it would do is said, and it comes back in."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
import pytest

from resolver.admin import uploads
from resolver.admin.pages.backup import CALLED
from resolver.backup import taking
from resolver.backup.rows import PEOPLES
from tests.admin.browsing import Browser, Reply
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import text_of

PAGE = "/settings/backup"


async def _download(house: House, browser: Browser) -> bytes:
    async with house.http.get(f"{house.url}{PAGE}/file", headers={"Cookie": browser.cookies}) as response:
        assert (response.status, response.content_type) == (200, "application/gzip")
        assert 'filename="lull-backup-20260101-120000.tar.gz"' in response.headers["Content-Disposition"]
        return await response.read()


async def _upload(house: House, browser: Browser, to: str, data: bytes, **more: Any) -> Reply:
    form = aiohttp.FormData()
    form.add_field("form", more.get("token") or await browser.form_token())
    form.add_field("back", PAGE)
    if more.get("config", True):
        form.add_field("config", "yes")
    if more.get("field"):
        form.add_field(*more["field"])
    form.add_field("file", data, filename=more.get("name", "lull-backup.tar.gz"), content_type="application/gzip")
    return await house.call("POST", f"{PAGE}/{to}", token=None, data=form(), headers={"Cookie": browser.cookies})


async def _over(house: House, browser: Browser, location: str) -> str:
    """The page that waits for a job, once that is over."""
    found = re.fullmatch(rf"{PAGE}\?job=([0-9a-f]+)", location)
    assert found, location
    await house.ended(found[1])
    return await browser.page(location)


def test_what_a_backup_would_do_is_said_and_nothing_is_changed(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.service.choices.put("strategy", "random", "anna")
        page = await browser.page(PAGE)
        assert "Download a backup" in page
        data = await _download(house, browser)
        reply = await _upload(house, browser, "check", data, config=False)
        assert reply.status == 303, reply.text
        page = text_of(await _over(house, browser, reply.location))
        assert "This is what a restore would bring. Nothing was changed." in page
        assert "The config file stays as it is" in page
        assert "Settings chosen here 1" in page
        assert "Users 1" in page
        assert "is not in it: there would be an empty one" in page
        assert taking.pending(house.parts.state) is None
        assert not list(taking.root(house.parts.state).glob("*")), "nothing is left of it"

    open_house(scenario)


def test_a_backup_is_restored(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        data = await _download(house, browser)
        reply = await _upload(house, browser, "restore", data, config=False)
        page = text_of(await _over(house, browser, reply.location))
        assert "This is being restored" in page
        assert "A restore waits to be taken." in page
        assert taking.pending(house.parts.state) is not None
        again = await _upload(house, browser, "restore", data)
        assert (again.status, "another restore is under way" in again.text) == (409, True)

    open_house(scenario)


def test_what_is_no_backup_is_refused_beside_the_field(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await _upload(house, browser, "check", b"GIF89a" * 100)
        assert reply.status == 422
        assert re.search(r'id="restore-file-wrong"[^>]*>that is no backup', reply.text)
        reply = await _upload(house, browser, "restore", b"", name="")
        assert (reply.status, "choose the file of a backup" in reply.text) == (400, True)
        half = (await _download(house, browser))[:-500]
        reply = await _upload(house, browser, "check", half)
        page = text_of(await _over(house, browser, reply.location))
        assert "it cannot be restored" in page
        assert not list(taking.root(house.parts.state).glob("*"))

    open_house(scenario)


def test_a_form_with_a_file_proves_itself_like_any_other(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for token in ("0" * 64, "x"):
            reply = await _upload(house, browser, "restore", b"\x1f\x8b", token=token)
            assert (reply.status, "the form is not of this session" in reply.text) == (403, True)
        headers = {"Cookie": browser.cookies, "Origin": "https://evil.example"}
        form = aiohttp.FormData({"form": await browser.form_token()})
        form.add_field("file", b"\x1f\x8b", filename="x")
        reply = await house.call("POST", f"{PAGE}/restore", token=None, data=form(), headers=headers)
        assert reply.status == 403
        late = aiohttp.FormData()
        late.add_field("file", b"\x1f\x8b", filename="x")
        late.add_field("form", await browser.form_token())
        cookie = {"Cookie": browser.cookies}
        reply = await house.call("POST", f"{PAGE}/restore", token=None, data=late(), headers=cookie)
        assert reply.status == 403, "the proof comes before the file"
        plain = await browser.post(f"{PAGE}/restore", {"config": "yes"})
        assert plain.status == 400
        other = aiohttp.FormData({"form": await browser.form_token(), "path": "log.keep"})
        other.add_field("file", b"x", filename="x")
        reply = await house.call("POST", "/settings/back", token=None, data=other(), headers=cookie)
        assert reply.status == 415, "other forms have no files"
        await house.add("kim")
        kim = await house.sign_in("kim")
        assert (await _upload(house, kim, "restore", b"\x1f\x8b")).status == 403
        assert taking.pending(house.parts.state) is None

    open_house(scenario)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\n\r\nno name\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="form"\r\nContent-Transfer-Encoding: zip\r\n\r\na\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="form"\r\n\r\n' + b"a" * 20_000 + b"\r\n--x--\r\n",
        b"".join(b'--x\r\nContent-Disposition: form-data; name="n%d"\r\n\r\na\r\n' % n for n in range(40)),
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\na\r\n--y--\r\n--x--\r\n",
        b"\0" * 5000,
    ],
)
def test_parts_that_are_none_are_refused(open_house: Opener, body: bytes) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        headers = {"Cookie": browser.cookies, "Content-Type": "multipart/form-data; boundary=x"}
        reply = await house.call("POST", f"{PAGE}/restore", token=None, data=body, headers=headers)
        assert reply.status in {400, 403, 413}

    open_house(scenario)


def test_a_form_that_does_not_come_is_not_waited_for(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_TIME", 0.1)

    async def slowly() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="form"\r\n\r\n'
        await asyncio.sleep(1)
        yield b"a"

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        headers = {"Cookie": browser.cookies, "Content-Type": "multipart/form-data; boundary=x"}
        reply = await house.call("POST", f"{PAGE}/restore", token=None, data=slowly(), headers=headers)
        assert reply.status == 408

    open_house(scenario)


def test_fields_come_in_any_number_of_pieces(open_house: Opener) -> None:
    async def slowly(token: str) -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="form"\r\n\r\n'
        for letter in token:
            yield letter.encode()
            await asyncio.sleep(0.002)
        yield b'\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nno backup\r\n--x--\r\n'

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        headers = {"Cookie": browser.cookies, "Content-Type": "multipart/form-data; boundary=x"}
        body = slowly(await browser.form_token())
        reply = await house.call("POST", f"{PAGE}/restore", token=None, data=body, headers=headers)
        assert (reply.status, "that is no backup" in reply.text) == (422, True)

    open_house(scenario)


def test_fields_without_an_end_are_not_read_on(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        headers = {"Cookie": browser.cookies, "Content-Type": "multipart/form-data; boundary=x"}
        body = b'--x\r\nContent-Disposition: form-data; name="n"\r\n\r\na\r\n' * 40
        reply = await house.call("POST", f"{PAGE}/restore", token=None, data=body, headers=headers)
        assert reply.status == 413

    open_house(scenario)


def test_what_is_in_a_backup_is_called_as_people_call_it() -> None:
    assert CALLED.keys() == {table.name for table in PEOPLES}
