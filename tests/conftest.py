"""Fixtures that several files share: real data, a demo workspace, its server, a real browser."""

import contextlib
import fcntl
import functools
import gc
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
import pytest

# Tests are never timed: a busy machine is no failure. The same examples are drawn every time.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# A browser that keeps to itself: no updates, no field trials, no look-ups at the start.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
    # The list of suggestions below an address bar that nobody sees is a page of its own for each
    # of ours, and costs a third of it. The last such list holds: what follows is playwright's own.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,"
    "NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch",
]

PATIENCE = 120  # [s] until something that must come is given up; it costs nothing when it comes


# What is imported and collected stays to the end: looking through it for garbage, again and again,
# took a third of the time until the first test, and some of each test after it.
gc.disable()


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


# What takes longest begins first, so that no process is left alone with it at the end.
LONGEST = (
    "test_browser_promises", "test_analytics_refresh", "test_end_to_end_scores",
    "test_browser_customers", "test_browser_pages", "test_browser_every_page",
    "test_browser_wall", "test_dashboard_cli", "test_end_to_end_crash", "test_warehouse_crash",
    "test_warehouse_incremental",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    """Order whole files; pytest-xdist keeps it with --no-loadscope-reorder."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONGEST)))


def pytest_addoption(parser):
    parser.addoption(
        "--kills", type=int, default=2, metavar="N",
        help="how often commands are ended with kill -9 (test_end_to_end_crash.py)",
    )  # fmt: skip


@pytest.fixture(scope="session")
def shared_data():
    """Folder of real data sets beside the checkout; tests that need it skip without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data sets do not lie beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def shops(run_folder):
    """A shop that many tests begin with is made once, and copied for each."""
    import small_shop

    small_shop.MADE = run_folder / "shops"
    small_shop.MADE.mkdir(exist_ok=True)


@pytest.fixture
def desk(tmp_path):
    """A warehouse in memory into which texts are loaded as files."""
    from loading_desk import Desk

    desk = Desk(tmp_path)
    yield desk
    desk.con.close()


@pytest.fixture
def command(capsys):
    """Run the command line in this process: exit code, stdout, stderr."""
    from dashboard import cli

    def call(workspace, *arguments):
        try:
            code = cli.main(["--workspace", str(workspace), *map(str, arguments)])
        except SystemExit as left:  # argparse leaves by itself
            code = left.code
        return code, *capsys.readouterr()

    return call


def spendboard(*arguments, check=True, **kwargs):
    """Run the command line as a user would; stdout and stderr are text."""
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd=ROOT, **kwargs,
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A folder that all processes of one run of the tests share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def demo_workspace(run_folder):
    """A small demo, made, scored and published by the command that the README names.

    The first process that needs it makes it, for all; nobody may write to it.
    """
    folder = run_folder / "demo" / "demo-workspace"
    with (run_folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.parent / "done"
        if not done.exists():
            folder.parent.mkdir(exist_ok=True)
            spendboard(
                "--workspace", folder, "demo", "--no-serve", "--customers", 600, "--months", 18,
                "--seed", 7,
            )  # fmt: skip
            done.touch()
    return folder


def free_port():
    """A port of the loopback interface on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(workspace):
    """A real server process on ``workspace``; yields its URL, ends it afterwards."""
    # It takes its port itself: one that was free a moment ago may be another process's now.
    # Each process of the tests reads the address of its own server, not of another one's.
    log = workspace.parent / f"serve-{workspace.name}-{os.getpid()}.log"
    with log.open("w", encoding="utf-8") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "--workspace", workspace, "serve", "--port", "0"],
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(r"http://\S+:\d+(?=\s)", log.read_text("utf-8"))) is None:
            assert server.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, f"the server did not answer within {PATIENCE} s"
            time.sleep(0.05)
        yield found[0]
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


@pytest.fixture(scope="session")
def demo_url(demo_workspace):
    """The demo workspace, served."""
    with serving(demo_workspace) as url:
        yield url


@pytest.fixture(scope="session")
def chromium():
    """One headless browser for the whole run."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    # Patience, not speed, is asked of a page here: the machine may be busy with other tests.
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page did that nobody saw: requests to elsewhere, errors, policy violations."""

    external: list = field(default_factory=list)
    errors: list = field(default_factory=list)


@contextlib.contextmanager
def watching(chromium):
    """A fresh page of 1366 x 768 in a fresh profile, with a :class:`Watch` at ``page.watch``."""
    context = chromium.new_context(
        viewport={"width": 1366, "height": 768}, accept_downloads=True, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.watch = Watch()

    def on_request(request):
        if not request.url.startswith(("http://127.0.0.1", "data:", "blob:")):
            page.watch.external.append(request.url)

    page.on("request", on_request)
    page.on("pageerror", lambda error: page.watch.errors.append(str(error)))
    page.on(
        "console",
        lambda message: message.type == "error" and page.watch.errors.append(message.text),
    )
    yield page
    context.close()


@pytest.fixture
def watched(chromium):
    """A page of its own for one test, watched."""
    with watching(chromium) as page:
        yield page


@pytest.fixture(scope="session")
def database_server():
    """A server by its name, started when it is first asked for; skips where it is not installed."""
    from database_servers import mariadb_server, mysql_server, postgresql_server

    kinds = {"mariadb": mariadb_server, "mysql": mysql_server, "postgresql": postgresql_server}
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda name: stack.enter_context(kinds[name]()))


def pytest_generate_tests(metafunc):
    """``mariadb`` and ``server`` are MySQL too, where it is there."""
    for name, others in {"mariadb": [], "server": ["postgresql"]}.items():
        if name in metafunc.fixturenames:
            from database_servers import mysql_program

            alike = ["mariadb", "mysql"] if mysql_program() else ["mariadb"]
            metafunc.parametrize(name, [*alike, *others], indirect=True)


@pytest.fixture
def mariadb(request, database_server):
    """A server of MySQL's protocol, for the whole run."""
    return database_server(request.param)


@pytest.fixture
def postgresql(database_server):
    """A PostgreSQL server for the whole run."""
    return database_server("postgresql")


@pytest.fixture
def server(request, database_server):
    """Each of the servers in turn."""
    return database_server(request.param)
