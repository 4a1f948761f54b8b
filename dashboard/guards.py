"""What holds for every request and every answer: whom we answer, and what a browser may do.

The Host header is checked so that a foreign page cannot reach the dashboard through a name that it
points at this machine. The policy lets a page load and send nothing beyond this server.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Final

from flask import Flask, Response, abort, request

_HOST: Final = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?")
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Scripts, styles and fonts: the only answers without data, told apart by their build.
STATIC: Final = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")


def policy(script_hashes: Iterable[str]) -> str:
    """The Content-Security-Policy; ``script_hashes`` are those of Dash's inline scripts."""
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        )
    )


def host_name(header: str | None) -> str | None:
    """The name in a Host header in lower case, without its port; ``None`` where it is none."""
    found = _HOST.fullmatch(header or "")
    return found["name"].lower().rstrip(".") if found else None


def is_loopback(name: str) -> bool:
    """Whether ``name`` can only mean this machine."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def register(server: Flask, script_hashes: Iterable[str], hosts: Sequence[str] = ()) -> None:
    """Guard every route of ``server``, those that are added later too.

    Parameters
    ----------
    script_hashes : from ``app.csp_hashes()``, once all callbacks are registered.
    hosts : names beside the loopback ones under which the server may be called.
    """
    known = {host.lower() for host in hosts}
    headers = {**HEADERS, "Content-Security-Policy": policy(script_hashes)}

    @server.before_request
    def check_host() -> None:
        name = host_name(request.headers.get("Host"))
        if name is None or not (is_loopback(name) or name in known):
            abort(400, "This server is not called by that name.")

    @server.before_request
    def check_origin() -> None:
        """A page from elsewhere may not send here what could change anything."""
        origin = request.headers.get("Origin")
        if request.method in READING or origin is None:
            return
        if origin.partition("://")[2] != request.headers.get("Host"):
            abort(403, "This request comes from another site.")

    @server.after_request
    def protect(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        # Data are asked for anew each time; only an answer with its own rule may be kept.
        if "Cache-Control" not in response.headers and not request.path.startswith(STATIC):
            response.headers["Cache-Control"] = "no-store"
        return response
