"""Make the documentation's pictures from the running demo: ``make screenshots``.

Builds the demo workspace if there is none, serves it, and photographs pages into docs/images.
"""

import argparse
import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "overview": "/?compare=previous&period=90d",
    "segments": "/segments?period=90d",
    "map": "/map?period=90d",
    "customers": "/customers?period=90d&sort=-spend_in_period",
    "wall": "/wall?compare=previous&period=90d",
}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def served(workspace: Path) -> Iterator[str]:
    """A server on ``workspace``; its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "dashboard", "--workspace", str(workspace)]
    server = subprocess.Popen([*command, "serve", "--port", str(port)], cwd=ROOT)
    try:
        for _ in range(600):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{url}/readyz").close()
                break
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


def photograph(browser: Browser, url: str, page: str, theme: str, size: str, folder: Path) -> None:
    """One page, one theme, one size, into ``folder``."""
    width, height = map(int, size.split("x"))
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    tab = context.new_page()
    path = PAGES.get(page, page)
    if page == "wall":
        path += f"&theme={theme}"
    tab.goto(url + path)
    tab.wait_for_load_state("networkidle")
    tab.wait_for_timeout(800)  # plotly draws one frame after the last answer
    name = page if page in PAGES else page.strip("/").replace("/", "-").split("?")[0]
    suffix = "" if size == "1366x768" else f"-{size}"
    tab.screenshot(path=folder / f"{name}-{theme}{suffix}.png")
    context.close()


def main() -> None:
    """Parse, serve, photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, default=ROOT / "demo-workspace")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--pages", nargs="+", default=["overview"])
    parser.add_argument("--themes", nargs="+", default=["light"], choices=["light", "dark"])
    parser.add_argument("--sizes", nargs="+", default=["1366x768"], metavar="WxH")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    if not (options.workspace / "CURRENT").is_file():
        command = [sys.executable, "-m", "dashboard", "--workspace", str(options.workspace)]
        subprocess.run([*command, "demo", "--no-serve"], cwd=ROOT, check=True)
    executable = shutil.which("chromium")
    with served(options.workspace) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for page in options.pages:
            for theme in options.themes:
                for size in options.sizes:
                    photograph(browser, url, page, theme, size, options.to)
        browser.close()


if __name__ == "__main__":
    main()
