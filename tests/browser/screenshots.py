"""Pictures of every page, on small and large screens, in light and dark: `make screenshots`, or
`python -m tests.browser.screenshots [FOLDER] [PAGE …]`.

They are files PAGE-WIDTH-light.png and PAGE-WIDTH-dark.png, at most TALLEST high, in colours of a palette.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import pathlib
import re
import sys
import tempfile

from PIL import Image, ImageColor
from playwright.async_api import Page

from resolver.admin.pages.static import STATIC
from resolver.lists.catalogue import Catalogue
from tests.admin.household import compile_lists, running
from tests.browser import filled
from tests.browser.examples import EXAMPLES, Example, pages
from tests.browser.looking import HEIGHT, SCHEMES, WIDTHS, Visitors, chromium

FOLDER = pathlib.Path(__file__).parents[2] / "docs" / "screenshots"
TALLEST = 2_500
COLOURS = 16
INKS = ("ink", "faint", "link", "good", "bad")

_ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
_COLOUR = re.compile(r"--([a-z]+): (#[0-9a-f]+);")

HOME = "now"
SETTLED = 1_500.0
"""Milliseconds in which a page that is still looking for something has found it."""


def name_of(one: Example) -> str:
    """What the pictures of a page are called: its path, and who looks at it if that is not the admin."""
    words = re.sub(r"[^a-z0-9]+", "-", one.address.partition("?")[0].lower()).strip("-") or HOME
    return words if one.who != filled.MEMBER else f"{words}-member"


def shown() -> list[Example]:
    """One address of each page that can be looked at: the first of its examples."""
    examples = [EXAMPLES.get(path, (Example(path),)) for path in pages() if "{" not in path or path in EXAMPLES]
    return [of[0] for of in examples if of and of[0].status == 200]


async def picture(page: Page, width: int, scheme: str) -> bytes:
    """A page that is open, as PNG."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    await page.set_viewport_size({"width": width, "height": HEIGHT})
    tall = int(await page.evaluate("document.documentElement.scrollHeight"))
    await page.set_viewport_size({"width": width, "height": min(max(tall, HEIGHT), TALLEST)})
    return await page.screenshot()


def palettes() -> dict[str, Image.Image]:
    """For each light the colours of the style sheet, and those halfway to the paper, for the edges of letters: found by
    how often they are there, a few red letters would not be among sixteen."""
    light, dark = (dict(_COLOUR.findall(block)) for block in _ROOT.findall((STATIC / "style.css").read_text())[:2])
    return {"light": _palette(light), "dark": _palette({**light, **dark})}


def _palette(colours: dict[str, str]) -> Image.Image:
    whole = {name: ImageColor.getrgb(colour)[:3] for name, colour in colours.items()}
    halves = [
        tuple((one + other) // 2 for one, other in zip(whole[name], whole["paper"], strict=True)) for name in INKS
    ]
    found = [*whole.values(), *halves]
    made = Image.new("P", (1, 1))
    made.putpalette([part for colour in (*found, *found[:1] * (COLOURS - len(found))) for part in colour])
    return made


def small(png: bytes, palette: Image.Image) -> bytes:
    """The same picture in few colours: text and lines need no more."""
    found = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, palette=palette, dither=Image.Dither.NONE).save(found, "PNG", optimize=True, bits=4)
    return found.getvalue()


async def take(folder: pathlib.Path, wanted: list[str]) -> int:
    """Take the pictures of all pages, or of those that are wanted, by their names; returns how many bytes they have."""
    total, of = 0, palettes()
    with tempfile.TemporaryDirectory() as made:
        home = pathlib.Path(made)
        await asyncio.to_thread(compile_lists, home / "state", home / "lists")
        text = filled.furnish(home / "lists")
        async with running(home / "state", home / "lists", text=text, catalogue=Catalogue.load()) as house:
            await filled.fill(house, hostile=False)
            async with chromium() as browser:
                visitors = Visitors(house, browser)
                for one in shown():
                    if wanted and name_of(one) not in wanted:
                        continue
                    context = await visitors.context(one.who)
                    page = await context.new_page()
                    await page.goto(house.url + one.address)
                    if await page.query_selector("[data-live]"):
                        await page.wait_for_timeout(SETTLED)
                        await page.reload()
                    for width, scheme in itertools.product(WIDTHS, SCHEMES):
                        png = await asyncio.to_thread(small, await picture(page, width, scheme), of[scheme])
                        (folder / f"{name_of(one)}-{width}-{scheme}.png").write_bytes(png)
                        total += len(png)
                    await context.close()
    return total


if __name__ == "__main__":
    given = sys.argv[1:]
    where = pathlib.Path(given[0]) if given else FOLDER
    where.mkdir(parents=True, exist_ok=True)
    size = asyncio.run(take(where, given[1:]))
    print(f"{where}: {size / 1e6:.1f} MB")
