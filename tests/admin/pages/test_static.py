import re

import pytest
import yarl

from resolver.admin.pages.static import STATIC, read_files
from tests.admin.household import House, Opener


def test_our_files_are_served_with_their_types(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        style = await house.get("/static/style.css", token=None)
        assert (style.status, style.headers["Content-Type"]) == (200, "text/css")
        assert style.text == (STATIC / "style.css").read_text()
        icon = await house.get("/static/icon.svg", token=None)
        assert icon.headers["Content-Type"] == "image/svg+xml"
        assert icon.headers["X-Content-Type-Options"] == "nosniff"

    open_house(scenario)


@pytest.mark.parametrize(
    "path", ["none.css", "..%2fauth.py", "%2e%2e%2fauth.py", "..%2f..%2fpaths.py", ".", "style.css%00"]
)
def test_nothing_else_is(open_house: Opener, path: str) -> None:
    async def scenario(house: House) -> None:
        async with house.http.get(yarl.URL(f"{house.url}/static/{path}", encoded=True)) as reply:
            assert "import" not in await reply.text()
            assert reply.status in {400, 404} or str(reply.url).endswith("/login")

    open_house(scenario)


def test_the_style_sheet_reaches_for_nothing_outside() -> None:
    style = (STATIC / "style.css").read_text()
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert set(read_files()) == {"style.css", "live.js", "icon.svg"}


def test_every_class_of_the_style_sheet_is_used() -> None:
    templates = "".join(path.read_text() for path in (STATIC.parent / "templates").iterdir())
    style = re.sub(r"\{[^{}]*\}", "", (STATIC / "style.css").read_text())
    classes = set(re.findall(r"\.([a-z]+)", style))
    unused = {name for name in classes if not re.search(rf"\b{name}\b", templates)}
    assert not unused
