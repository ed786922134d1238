"""From a page to a small file: settled, cropped to what it is of, in few colours."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from tests.browser.person import LONG, Browser
from tests.pictures.album import UNFINISHED, Picture

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
#: Pixels around what is shown: less than Horizon leaves beside it.
ROOM = 12
COLOURS = 256
#: The box of an element down to the end of what is in it: a page has room below.
_BOX = """
const one = document.querySelector(arguments[0]), box = one.getBoundingClientRect();
const ends = Array.from(one.children).map(e => e.getBoundingClientRect()).filter(b => b.height).map(b => b.bottom);
return [box.left, box.top, box.width, Math.min(box.bottom, Math.max(...ends)) - box.top];
"""
_SETTLED = """
return document.fonts.status === 'loaded' && Array.from(document.images).every(i => i.complete)
  && !document.querySelector(arguments[0]);
"""


def take(browser: Browser, picture: Picture, told: dict[str, str]) -> int:
    """Writes docs/images/<name>.png; its bytes. Raises selenium's TimeoutException where the page never shows what it should."""
    _size(browser, picture.width, 1000)
    browser.open(picture.address.format(**told))
    ready = picture.ready.format(**told)
    browser.until(lambda: browser.all(ready), f"{picture.name}: {ready}", LONG)
    browser.until(lambda: picture.says in browser.text("#tenant-ops"), f"{picture.name}: {picture.says}", LONG)
    browser.until(lambda: browser.driver.execute_script(_SETTLED, UNFINISHED), f"{picture.name} being whole", LONG)
    # A window as tall as the page: what clings to its edge then stands where the page has it.
    tall = picture.tall or browser.driver.execute_script("return document.documentElement.scrollHeight")
    _size(browser, picture.width, tall)
    left, top, width, height = browser.driver.execute_script(_BOX, picture.part.format(**told))
    clip = {
        "x": left - ROOM, "y": top - ROOM, "width": width + 2 * ROOM, "height": min(height + 2 * ROOM, tall - top + ROOM),
        "scale": 1,
    }  # fmt: skip
    shot = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": clip})
    return _write(IMAGES / f"{picture.name}.png", base64.b64decode(shot["data"]))


def _size(browser: Browser, width: int, height: int) -> None:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": still})


def _write(path: Path, png: bytes) -> int:
    path.parent.mkdir(exist_ok=True)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    few = image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    return path.stat().st_size
