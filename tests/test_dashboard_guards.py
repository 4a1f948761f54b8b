"""Every request is checked, every answer says what a browser may do with it."""

import pytest
from flask import Flask, abort

from dashboard import guards


@pytest.fixture
def client():
    server = Flask(__name__, static_folder=None)
    server.add_url_rule("/data", "data", lambda: "data", methods=["GET", "POST"])
    server.add_url_rule("/assets/x.css", "css", lambda: "css")
    server.add_url_rule("/broken", "broken", lambda: 1 / 0)
    server.add_url_rule("/refused", "refused", lambda: abort(418))

    def kept():
        return "kept", 200, {"Cache-Control": "no-cache"}

    server.add_url_rule("/kept", "kept", kept)
    guards.register(server, ["'sha256-abc='"], hosts=["board.example"])
    return server.test_client()


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8050", "127.0.0.1:8050", "127.0.0.9", "[::1]:8050", "LOCALHOST.",
     "board.example:8050", "Board.Example"],
)  # fmt: skip
def test_we_answer_to_our_own_names(client, host):
    assert client.get("/data", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0",
     "localhost@evil", "127.0.0.1:99999999", "localhost:8050/x", "[::2]", "a b", "",
     "localhost, evil"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/data", "/assets/x.css", "/not-there", "/broken"])
def test_we_answer_to_no_other_name(client, host, path):
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert b"data" not in answer.data.replace(b"application", b"")


def test_a_page_from_elsewhere_cannot_send_here(client):
    def sent(origin):
        return client.post(
            "/data", headers={"Host": "localhost:8050", "Origin": origin}
        ).status_code

    assert sent("http://localhost:8050") == 200
    for origin in ("http://evil.example", "null", "http://localhost:9999", ""):
        assert sent(origin) == 403
    assert client.post("/data").status_code == 200


@pytest.mark.parametrize("path", ["/data", "/assets/x.css", "/refused", "/not-there", "/broken"])
def test_every_answer_carries_the_policy_also_an_error(client, path):
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self' 'sha256-abc=';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_data_are_never_kept_and_an_own_rule_stays(client):
    assert client.get("/data").headers["Cache-Control"] == "no-store"
    assert client.get("/kept").headers["Cache-Control"] == "no-cache"
    assert "Cache-Control" not in client.get("/assets/x.css").headers


@pytest.mark.parametrize(
    ("header", "name"),
    [("localhost:80", "localhost"), ("[::1]:80", "[::1]"), ("A.B.", "a.b"), (None, None),
     ("", None), ("a:b", None), ("a:80:80", None), ("[::1", None)],
)  # fmt: skip
def test_the_name_in_a_host_header(header, name):
    assert guards.host_name(header) == name


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [("localhost", True), ("127.0.0.1", True), ("127.255.0.1", True), ("::1", True),
     ("[::1]", True), ("0.0.0.0", False), ("::", False), ("192.168.1.5", False),
     ("localhost.example", False), ("", False)],
)  # fmt: skip
def test_what_is_loopback(name, is_ours):
    assert guards.is_loopback(name) is is_ours
