"""Serving: loopback only, a clear word when the port is taken, a URL only once it answers."""

import concurrent.futures
import gc
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest
from conftest import PATIENCE
from small_shop import SETTINGS, publish

from dashboard import serving
from dashboard.app import create_app
from dashboard.queries.kpi_sums import measure
from dashboard.queries.ranking import ranking
from dashboard.reader import Reader
from dashboard.routes import export
from dashboard.selection import Selection
from warehouse.errors import SpendboardError
from warehouse.generations import Workspace

ROOT = Path(__file__).resolve().parents[1]


def get(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop") / "workspace"
    publish(folder)
    (folder / "spendboard.toml").write_text('currency = "EUR"\nthreads = 1\n')
    return folder


class Process:
    """``spendboard serve`` as a user starts it."""

    def __init__(self, workspace, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "--workspace", workspace, "serve", *arguments],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            # A run in the background of a shell ignores Ctrl-C, and its children would inherit it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )  # fmt: skip
        self.said = ""
        while "http://" not in self.said and (line := self.process.stderr.readline()):
            self.said += line

    @property
    def port(self):
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.said)
        assert found, f"no address: {self.said!r}, ended with {self.process.poll()}"
        return int(found[1])

    def end(self, how):
        started = time.monotonic()
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err, time.monotonic() - started


@pytest.fixture(scope="module")
def served(workspace):
    server = Process(workspace, "--port", "0")
    yield server
    server.end(signal.SIGTERM)


def test_the_printed_url_answers_at_once(served):
    assert "nothing is loaded" not in served.said
    status, body = get(served.port, "/readyz")
    assert status == 200
    assert json.loads(body)["generation"] == 1


def test_a_burst_of_first_requests_is_answered(served):
    paths = ["/", "/_dash-layout", "/_dash-dependencies", "/export.csv", "/api/wall.json"] * 6
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda path: get(served.port, path)[0], paths))
    assert set(answers) == {200}


def test_another_name_for_this_machine_is_refused(served):
    assert get(served.port, "/", {"Host": "evil.example"})[0] == 400
    assert get(served.port, "/", {"Host": f"localhost:{served.port}"})[0] == 200


def test_a_taken_port_is_said_before_anything_is_made(served, workspace):
    other = Process(workspace, "--port", str(served.port))
    said = other.said + other.process.stderr.read()
    other.process.stderr.close()
    other.process.stdout.close()
    assert other.process.wait(PATIENCE) == 3
    assert f"port {served.port} of 127.0.0.1 is taken" in said
    assert f"--port {served.port + 1}" in said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_asked(workspace, how):
    server = Process(workspace, "--port", "0")
    assert get(server.port, "/healthz")[0] == 200
    code, out, err, seconds = server.end(how)
    assert code == 0
    assert out == ""
    assert err == ""
    assert seconds < PATIENCE / 4  # it waits for nobody who keeps a connection open
    with pytest.raises(ConnectionError):
        get(server.port, "/healthz")


def test_an_empty_workspace_is_served_and_says_that_it_is_empty(tmp_path):
    server = Process(tmp_path / "empty", "--port", "0")
    try:
        assert f"{tmp_path / 'empty'}: nothing is loaded yet; `spendboard load FILE" in server.said
        assert get(server.port, "/healthz")[0] == 200
        assert get(server.port, "/readyz")[0] == 503
        assert get(server.port, "/")[0] == 200
        publish(tmp_path / "empty")
        deadline = time.monotonic() + PATIENCE
        while get(server.port, "/readyz")[0] != 200:
            assert time.monotonic() < deadline, "a new generation is never noticed"
            time.sleep(0.2)
    finally:
        code, _, err, _ = server.end(signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in err


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org", ""])
def test_beyond_this_machine_it_refuses_to_start(host, tmp_path):
    with pytest.raises(SpendboardError, match="no users yet") as error:
        serving.serve(tmp_path, SETTINGS, host=host, port=0, ready=print)
    assert error.value.exit_code == 3
    assert "ssh -L" in str(error.value)


def test_a_reserved_port_does_not_listen_yet():
    bound = serving.reserve("127.0.0.1", 0)
    try:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(bound.getsockname(), timeout=5)
    finally:
        bound.close()


@pytest.mark.parametrize("port", [70000, -5])
def test_an_impossible_port_is_a_clear_error(port):
    with pytest.raises(SpendboardError, match="cannot be used"):
        serving.reserve("127.0.0.1", port)


def test_the_loopback_of_ipv6_can_be_served(workspace):
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        bound = serving.reserve("::1", 0)
    except SpendboardError:
        pytest.skip("this machine has no IPv6 loopback")
    bound.close()


def test_a_generation_is_let_go_of_at_once_with_what_was_held_of_it(workspace):
    serving.spare_the_collector()
    try:
        assert gc.get_freeze_count()
        view = Reader(Workspace(workspace), SETTINGS).view()
        selection = Selection.parse("monetary=1..&period=30d", view.vocabulary)
        assert measure(view, selection).customers.n_customers
        assert ranking(view, selection, "category")
        held = [weakref.ref(view.held().orders.cents), weakref.ref(view.lines().cents)]
        del view
        assert [array() for array in held] == [None, None]
    finally:
        gc.unfreeze()


def test_a_browser_that_leaves_ends_its_export(workspace, monkeypatch):
    """Asked of a real connection: the server has to look at it while it answers."""
    noticed = threading.Event()

    def never_ready(*_, has_left, **__):
        for _ in range(200):
            if has_left():
                noticed.set()
                break
            time.sleep(0.05)
        yield b""

    monkeypatch.setattr(export, "stream_csv", never_ready)
    bound = serving.reserve("127.0.0.1", 0)
    listener = serving.listening(create_app(workspace, SETTINGS).server, bound, threads=2)
    runs = threading.Thread(target=listener.run, daemon=True)
    runs.start()
    with socket.create_connection(bound.getsockname()) as browser:
        browser.sendall(b"GET /export.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(0.3)
    assert noticed.wait(PATIENCE)
    listener.task_dispatcher.shutdown()
    listener.close()
    runs.join(PATIENCE)
