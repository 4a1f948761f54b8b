"""Serves the dashboard: the port first, then everything warm, then it listens and says so."""

import errno
import gc
import http.client
import importlib
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from flask import Flask

from dashboard.guards import is_loopback
from warehouse.configuration import Settings
from warehouse.errors import SpendboardError

logger = logging.getLogger(__name__)

LARGEST_REQUEST: Final = 8 * 1024**2  # bytes; a page sends queries, never files
PATIENCE: Final = 60.0  # [s] until the server must have answered for the first time
LEAVE: Final = 5.0  # [s] for what still runs beside the server when it ends


def serve(
    workspace: Path,
    settings: Settings,
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    threads: int = 8,
) -> None:
    """Serve ``workspace`` until Ctrl-C or SIGTERM.

    Parameters
    ----------
    host : an address of this machine that nobody else can reach.
    port : 0 takes a free one.
    ready : told the URL once the server has really answered.
    threads : requests that are answered at the same time.

    Raises
    ------
    SpendboardError : the address is open to others, or the port is taken.
    """
    refuse_open_address(host)
    bound = reserve(host, port)
    try:
        from dashboard.app import create_app

        server = create_app(workspace, settings).server
        spare_the_collector()
        warm_up(server)
        _run(server, bound, host, threads, ready)
    finally:
        gc.unfreeze()  # at the end everything goes, or DuckDB reports what is left
        bound.close()


def refuse_open_address(host: str) -> None:
    """Refuse to serve lists of customers to whoever reaches this machine.

    Raises
    ------
    SpendboardError : ``host`` is not a loopback address.
    """
    if not is_loopback(host):
        raise SpendboardError(
            f"{host} can be reached from other machines, and there are no users yet to ask for",
            fix="serve on 127.0.0.1 and reach it through a tunnel: ssh -L 8050:127.0.0.1:8050 HOST",
        )


def reserve(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet: the port is ours, and nobody waits on it.

    Raises
    ------
    SpendboardError : the port is taken, or may not be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        raise SpendboardError(
            f"port {port} of {host} {'is taken' if taken else 'cannot be used'}",
            found=None if taken else str(error),
            fix=f"choose another: --port {port + 1 if port < 65535 else 8051}"
            f" (make demo PORT={port + 1 if port < 65535 else 8051})",
        ) from None
    return bound


def spare_the_collector() -> None:
    """Let Python's collector of garbage never again go through what stays as long as the process.

    The libraries and the app's callbacks are a hundred thousand objects: each full collection
    kept a viewer waiting for a tenth of a second. Before the first generation is opened, because
    that is let go of.
    """
    gc.collect()
    gc.freeze()


def warm_up(server: Flask) -> None:
    """Do the first of everything before anybody waits for it.

    Dash answers a burst of first requests with errors until its callbacks are set up once.
    """
    client = server.test_client()
    for path in ("/_dash-dependencies", "/_dash-layout", "/readyz", "/"):
        answer = client.get(path)
        if answer.status_code >= 500 and path != "/readyz":  # not ready: no data yet
            logger.warning("warming up: %s answered %s", path, answer.status_code)
        answer.close()


def _run(
    server: Flask, bound: socket.socket, host: str, threads: int, ready: Callable[[str], None]
) -> None:
    port = bound.getsockname()[1]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    listener = listening(server, bound, threads)
    first = threading.Thread(target=_announce, args=(host, port, url, ready), daemon=True)
    with _stopped_by_signal():
        first.start()
        listener.run()  # returns after KeyboardInterrupt or SystemExit
    listener.close()
    first.join(LEAVE)  # whoever ends amid an import leaves DuckDB to report what it holds


def listening(server: Flask, bound: socket.socket, threads: int) -> Any:  # noqa: ANN401 - untyped
    """Waitress on a bound socket; ``run()`` serves."""
    from waitress.server import create_server

    return create_server(
        server,
        sockets=[bound],
        threads=threads,
        ident=None,
        max_request_body_size=LARGEST_REQUEST,
        channel_request_lookahead=1,  # so that a browser's leaving is seen while it is answered
    )


def _announce(host: str, port: int, url: str, ready: Callable[[str], None]) -> None:
    """Tell the URL once it answers; the connection waits until the server accepts it."""
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        logger.exception("the server did not answer on %s", url)
        return
    finally:
        connection.close()
    ready(url)
    # A third of a second that nobody has to wait for: few pages need it, and none at first.
    importlib.import_module("pandas")


@contextmanager
def _stopped_by_signal() -> Iterator[None]:
    """End on SIGTERM as on Ctrl-C: what is being answered is finished first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
