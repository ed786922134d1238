"""`make pictures`: all pictures of docs/images anew, or those that are named.

On the running sandbox, in two projects of its own that go again; with --keep they stay for the next time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys

from sandbox.settings import url
from tests.browser.person import Browser, opened
from tests.browser.stage import Stage, sandbox, stage
from tests.pictures import camera
from tests.pictures.album import ALBUM
from tests.pictures.scenes import Scenes

NAME = "webshop"


def main() -> None:
    """Say a line for each picture; exit with a sentence where the sandbox is not up."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a picture; without one all are taken")
    parser.add_argument("--keep", action="store_true", help="leave the projects, and use what is left of them")
    parser.add_argument("--horizon", default=url("horizon"), help="another Horizon of the same cloud")
    told = parser.parse_args()
    if unknown := set(told.names) - {one.name for one in ALBUM}:
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    if not json.loads(sandbox("status", "-f", "json"))["up"]:
        sys.exit("The sandbox is not up: run 'make demo' first.")
    with stage(NAME, keep=told.keep) as standing:
        _all(standing, told.horizon, set(told.names))


def _all(standing: Stage, address: str, names: set[str]) -> None:
    with contextlib.ExitStack() as last:
        own: dict[str, str] = json.loads(sandbox("status", "-f", "json"))["logins"]
        people = {"anna": standing.anna, "ben": standing.ben}
        browsers: dict[str, Browser] = {}
        for key in sorted({picture.who for picture in ALBUM if not names or picture.name in names} | set(people)):
            browsers[key] = last.enter_context(opened(address))
            if key in people:
                browsers[key].log_in(people[key].name, people[key].password)
            else:
                browsers[key].log_in(key, own[key])
        scenes = Scenes(standing, browsers)
        for picture in ALBUM:
            if not names or picture.name in names:
                if picture.scene:
                    scenes.make(picture.scene)
                size = camera.take(browsers[picture.who], picture, scenes.told)
                sys.stdout.write(f"{picture.name}: {size // 1024} KiB\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
