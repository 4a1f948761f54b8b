"""The plain routes: health, readiness, export, and the numbers of the wall."""

import json

import pytest
from flask import Flask
from small_shop import SETTINGS, publish

import dashboard.reader
from dashboard.context import Context
from dashboard.export import stream_csv
from dashboard.formatting import Formatter
from dashboard.reader import Reader
from dashboard.routes import export, health, wall
from dashboard.selection import Selection
from warehouse.generations import Workspace
from warehouse.version import build_name


def client_of(workspace, settings=SETTINGS):
    server = Flask(__name__)
    context = Context(Reader(workspace, settings), settings, Formatter("EUR"))
    for route in (health, export, wall):
        route.register(server, context)
    client = server.test_client()
    client.context = context
    return client


def many(customers):
    lines = [f"    c{n:02}  2025-06-{1 + n % 30:02}  10.00  Shoes  Köln" for n in range(customers)]
    return "\n".join(["customer  day  amount  category  city", *lines])


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return client_of(publish(tmp_path_factory.mktemp("shop") / "workspace"))


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crowd") / "workspace"
    return client_of(publish(folder, many(40), None, scored=False))


# ----------------------------------------------------------------- health


def test_the_process_is_alive_before_there_are_data(tmp_path):
    client = client_of(Workspace(tmp_path / "workspace"))
    assert client.get("/healthz").json == {"schema": 1, "status": "alive"}
    for path in ("/readyz", "/api/wall.json"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.json["schema"] == 1
        folder = tmp_path / "workspace"
        command = f"`spendboard load FILE --workspace {folder}`"
        assert answer.json["error"].startswith(f"{folder}: nothing is loaded yet; {command}")
    answer = client.get("/export.csv")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")


def test_readiness_says_what_is_served_and_how_old_it_is(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json) == {
        "schema", "generation", "build", "as_of", "created_at", "age_seconds"
    }  # fmt: skip
    assert (answer.json["schema"], answer.json["generation"]) == (1, 1)
    assert answer.json["as_of"] == "2025-06-30"
    assert answer.json["build"] == build_name()
    assert 0 <= answer.json["age_seconds"] < 3600


def test_a_damaged_generation_is_not_ready(tmp_path):
    workspace = publish(tmp_path / "workspace")
    workspace.current().database.write_bytes(b"broken")
    answer = client_of(workspace).get("/readyz")
    assert answer.status_code == 503
    assert "rollback" in answer.json["error"]


def test_what_is_open_is_served_and_the_damage_on_the_disk_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(dashboard.reader, "LOOK_EVERY", 0.0)
    workspace = publish(tmp_path / "workspace")
    client = client_of(workspace)
    client.get("/readyz")
    database = workspace.current().database
    database.rename(database.with_suffix(".gone"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["generation"]) == (200, 1)
    assert "damaged" in answer.json["trouble"]
    database.with_suffix(".gone").rename(database)
    assert "trouble" not in client.get("/readyz").json


# ----------------------------------------------------------------- export


def test_the_route_gives_the_bytes_of_the_export(client):
    view = client.context.reader.view()
    for query in ("", "period=30d&category=shoes", "columns=name,customer_id&sort=-monetary"):
        answer = client.get(f"/export.csv?{query}")
        assert answer.status_code == 200
        assert answer.data == b"".join(stream_csv(view, Selection.parse(query, view.vocabulary)))
    raw = client.get("/export.csv?columns=phone&raw=1&generation=1").data
    assert raw == b"".join(
        stream_csv(view, Selection(view.vocabulary), columns=["phone"], raw=True)
    )


def test_the_file_is_named_by_generation_and_day(client):
    headers = client.get("/export.csv").headers
    assert headers["Content-Disposition"] == (
        'attachment; filename="customers-generation-1-2025-06-30.csv"'
    )
    assert headers["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("personna=loyal", 400, "did you mean: persona?"),
        ("persona=loyl", 400, "did you mean: loyal?"),
        ("period=30", 400, "none of 7d"),
        ("columns=nmae", 400, "did you mean: name?"),
        ("raw=perhaps", 400, "neither 1 nor 0"),
        ("raw=1&raw=0", 400, "given twice"),
        ("generation=abc", 400, "not a number"),
        ("generation=-1", 400, "not a number"),
        ("generation=9", 409, "load the page anew"),
        ("q=%00", 400, "characters"),
        ("=", 400, "is not a key"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_line_of_text(client, query, status, sentence):
    answer = client.get(f"/export.csv?{query}")
    assert answer.status_code == status
    assert answer.mimetype == "text/plain"
    assert sentence in answer.text
    assert answer.text.count("\n") == 1
    assert "Content-Disposition" not in answer.headers


def test_letters_beyond_ascii_may_come_encoded_or_not(client):
    def asked(query):
        written = {"QUERY_STRING": query.decode("latin-1")}  # as WSGI hands bytes on
        return client.get("/export.csv", environ_overrides=written)

    for query in ("home_city=Köln".encode(), b"home_city=K%C3%B6ln", b"home_city=koln"):
        assert asked(query).text.count("\r\n") == 3  # the header, ann and cyd
    assert asked(b"home_city=K\xf6ln").status_code == 400


def test_nothing_can_be_posted(client):
    for path in ("/export.csv", "/api/wall.json", "/readyz"):
        assert client.post(path).status_code == 405


def test_a_page_of_the_previous_generation_still_exports(tmp_path, monkeypatch):
    monkeypatch.setattr(dashboard.reader, "LOOK_EVERY", 0.0)
    client = client_of(publish(tmp_path / "workspace"))
    assert client.get("/export.csv?generation=1").status_code == 200
    publish(tmp_path / "workspace")
    assert client.get("/export.csv").headers["X-Generation"] == "2"
    assert client.get("/export.csv?generation=1").headers["X-Generation"] == "1"
    publish(tmp_path / "workspace")
    assert client.get("/export.csv?generation=1").status_code == 409


def test_a_failure_of_ours_is_a_500_with_an_id_and_no_details(client, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret detail")
        yield

    monkeypatch.setattr(export, "stream_csv", broken)
    answer = client.get("/export.csv")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    identifier = answer.text.split()[-1].rstrip(".")
    assert identifier in caplog.text


# ----------------------------------------------------------------- the wall


def test_the_wall_has_what_the_contract_says(crowd):
    answer = crowd.get("/api/wall.json?period=30d&compare=previous&screens=kpi,trend")
    assert answer.status_code == 200
    document = answer.json
    assert set(document) == {
        "schema", "build", "generation", "as_of", "as_of_text", "created_at", "max_age_seconds",
        "selection_in_words", "kpis", "screens",
    }  # fmt: skip
    assert document["selection_in_words"] == (
        "All customers, purchases in the last 30 days, against the 30 days before"
    )
    assert (document["as_of"], document["as_of_text"]) == ("2025-06-30", "30 Jun 2025")
    assert document["max_age_seconds"] == 26 * 3600
    assert [screen["name"] for screen in document["screens"]] == ["kpi", "trend"]
    revenue = document["kpis"][0]
    contract = {"name", "title", "value", "unit", "text", "change", "target", "status", "spark"}
    assert contract <= set(revenue)
    assert (revenue["name"], revenue["value"], revenue["text"]) == ("revenue", 400.0, "€400")
    assert "query" not in revenue
    json.dumps(document, allow_nan=False)


def test_a_wall_narrowed_to_too_few_says_so_in_one_sentence(crowd, monkeypatch):
    monkeypatch.setattr("dashboard.queries.wall.count", lambda view, selection: 9)
    told = crowd.get("/api/wall.json?period=7d").json["instead"]
    assert told["title"] == "Too few customers for a wall"
    assert told["text"].endswith("Remove a filter.")


def test_the_wall_answers_304_until_something_changes(crowd):
    first = crowd.get("/api/wall.json?period=30d")
    tag = first.headers["ETag"]
    again = crowd.get("/api/wall.json?period=30d", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Cache-Control"] == "no-cache"
    other = crowd.get("/api/wall.json?period=7d", headers={"If-None-Match": tag})
    assert other.status_code == 200
    screens = crowd.get("/api/wall.json?period=30d&screens=kpi", headers={"If-None-Match": tag})
    assert screens.status_code == 200


def test_another_build_or_generation_never_answers_304(tmp_path, monkeypatch):
    monkeypatch.setattr(dashboard.reader, "LOOK_EVERY", 0.0)
    folder = tmp_path / "workspace"
    client = client_of(publish(folder, many(40), None, scored=False))
    tag = client.get("/api/wall.json").headers["ETag"]
    monkeypatch.setattr(wall, "build_name", lambda: "0.2.0")
    other = client_of(Workspace(folder)).get("/api/wall.json", headers={"If-None-Match": tag})
    assert (other.status_code, other.json["build"]) == (200, "0.2.0")
    monkeypatch.undo()
    publish(folder)
    fresh = client_of(Workspace(folder)).get("/api/wall.json", headers={"If-None-Match": tag})
    assert (fresh.status_code, fresh.json["generation"]) == (200, 2)


@pytest.mark.parametrize(
    "query",
    ["persona=none", "risk_band=none", "city=koln", "home_city=none", "period=30d&compare=year"],
)
def test_the_wall_takes_bands_persona_city_and_time(crowd, query):
    assert crowd.get(f"/api/wall.json?{query}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["customer_id=c01", "q=c01", "monetary=10..", "box=0,0,1,1", "category=shoes", "email=none",
     "sort=name", "columns=name", "page=2", "generation=1", "screens=secrets", "screens=",
     "nonsense=1", "orders_in_period=1..", "period=30", "theme=dark"],
)  # fmt: skip
def test_the_wall_takes_nothing_else(crowd, query):
    answer = crowd.get(f"/api/wall.json?{query}")
    assert answer.status_code == 400
    assert set(answer.json) == {"schema", "error"}


def test_the_wall_shows_no_number_of_fewer_than_ten(client):
    document = client.get("/api/wall.json?period=30d&screens=kpi").json
    assert {kpi["value"] for kpi in document["kpis"]} == {None}
    assert {kpi["reason"] for kpi in document["kpis"]} == {"fewer than 10 customers"}
    text = json.dumps(document)
    assert "85" not in text.replace(document["created_at"], "").replace(document["build"], "")
