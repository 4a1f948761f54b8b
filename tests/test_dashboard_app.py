"""The application as a browser first meets it: shell, titles, addresses, nothing from elsewhere."""

import json
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from small_app import Browser, find, links, publish_scored, text
from small_shop import LAST_DAY, SETTINGS, publish

from analytics import spend
from analytics.table_candidates import recipes
from dashboard.app import PAGES, create_app
from dashboard.queries.trust import Provenance, Watch, watch
from dashboard.reader import Reader
from dashboard.theme import assets_folder
from warehouse.configuration import Settings, read_settings
from warehouse.generations import Workspace
from warehouse.loading import load
from warehouse.publishing import finish
from warehouse.titles import SPEND_MODEL_TITLES

ASSETS = assets_folder()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    return Browser(publish_scored(tmp_path_factory.mktemp("shop") / "workspace").folder)


def frame(browser, path):
    return browser.ask("content.children", path=path)


def test_the_first_answer_has_language_title_and_theme_before_any_style(browser):
    page = browser.http.get("/segments").get_data(as_text=True)
    assert '<html lang="en">' in page
    assert "<title>Segments · Spendboard</title>" in page
    assert page.index("/assets/theme.js") < page.index('rel="stylesheet"')


def test_style_sheets_come_in_the_order_in_which_they_build_on_each_other(browser):
    page = browser.http.get("/").get_data(as_text=True)
    names = re.findall(r'href="/assets/([\w.-]+\.css)', page)
    ours = [name for name in names if name[:2] in ("10", "20", "30", "40")]
    assert ours == [
        "10-bootstrap.min.css", "20-bootstrap-icons.min.css", "30-tokens.css", "40-components.css"
    ]  # fmt: skip
    assert not [name for name in names if name.startswith("wall")]
    assert "wall.js" not in page


def test_nothing_in_the_page_or_its_styles_comes_from_elsewhere(browser):
    page = browser.http.get("/").get_data(as_text=True)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    for sheet in ASSETS.glob("*.css"):
        for url in re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")):
            target = url.strip("\"'")
            assert target.startswith("data:") or (ASSETS / target).is_file(), (sheet.name, target)
        assert "sourceMappingURL" not in sheet.read_text(encoding="utf-8")


def test_what_is_vendored_brings_its_licence():
    names = {file.stem for file in (ASSETS / "licences").iterdir()}
    assert {"bootstrap", "bootstrap-icons", "inter"} <= names


def test_the_policy_forbids_what_the_pages_do_not_need(browser):
    reply = browser.http.get("/")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    script = policy.split("script-src", 1)[1].split(";", 1)[0]
    assert "unsafe" not in script
    page = reply.get_data(as_text=True)
    inline = re.findall(r"<script(?![^>]*src=)[^>]*javascript[^>]*>", page)
    assert len(inline) <= script.count("sha256-")


@pytest.mark.parametrize("path", ["/nowhere", "/segments/nobody", "/segments/a/b", "/customersx"])
def test_an_address_that_leads_nowhere_answers_404_and_helps(browser, path):
    reply = browser.http.get(path)
    assert reply.status_code == 404
    answer = frame(browser, path)
    assert f"There is no page at {path}" in text(answer["content"]["children"])
    assert links(answer["content"]["children"]) == {"Go to the overview": "/"}
    assert answer["filters-box"]["hidden"] is True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_every_page_has_its_title_one_h1_and_unique_ids(browser, page):
    path = page.PATH.replace("<slug>", "loyal").replace("<customer_id>", "ann")
    assert browser.http.get(path).status_code == 200
    answer = frame(browser, path)
    assert answer["document-title"]["data"].endswith("Spendboard")
    head, content = answer["frame-head"]["children"], answer["content"]["children"]
    assert len(find(head, kind="H1")) + len(find(content, kind="H1")) <= 1
    identifiers = [
        str(node["props"]["id"]) for node in [*find(head), *find(content)] if "id" in node["props"]
    ]
    assert len(identifiers) == len(set(identifiers))


def test_the_rail_keeps_the_selection_and_the_wall_what_it_may_show(browser):
    query = "?churn_band=high&period=90d&sort=-monetary&monetary=5.."
    answer = browser.ask("rail.children", path="/segments/loyal", search=query)
    found = links(answer["rail"]["children"])
    kept = "churn_band=high&monetary=5..&period=90d&persona=loyal"
    assert found["Overview"] == f"/?{kept}"
    assert found["Segments"] == f"/segments?{kept}"
    assert found["Wall"] == "/wall?churn_band=high&period=90d&persona=loyal"
    current = find(answer["rail"]["children"], aria_current="page")
    assert [text(node) for node in current] == ["Segments"]


def test_every_link_of_the_rail_leads_to_a_page(browser):
    answer = browser.ask("rail.children", path="/")
    for address in links(answer["rail"]["children"]).values():
        assert browser.http.get(address).status_code == 200


def test_a_workspace_without_data_says_which_command_to_run(tmp_path):
    browser = Browser(tmp_path / "nothing")
    answer = frame(browser, "/")
    shown = text(answer["content"]["children"])
    assert "No data yet" in shown
    assert f"spendboard load FILE --workspace {tmp_path / 'nothing'}" in shown
    assert answer["filters-box"]["hidden"] is True
    rail = browser.ask("rail.children", path="/", search="?persona=loyal")
    assert links(rail["rail"]["children"])["Overview"] == "/"
    assert browser.body("filters") is None
    assert browser.body("trust") is None


def test_a_damaged_generation_is_told_apart_from_none(tmp_path):
    workspace = publish(tmp_path / "workspace")
    database = workspace.current().database
    database.chmod(0o600)
    database.write_bytes(b"not a database")
    browser = Browser(workspace.folder)
    shown = find(frame(browser, "/")["content"]["children"], data_state="error")
    assert shown
    assert "No data yet" not in text(shown)


def test_two_apps_do_not_share_anything(tmp_path):
    euro = publish(tmp_path / "euro")
    pound = Settings(threads=1, currency="GBP")
    other = publish(tmp_path / "pound", settings=pound)
    first, second = Browser(euro.folder), Browser(other.folder, pound)
    assert "€" in text(first.body("kpis"))
    assert "£" in text(second.body("kpis"))


def signs(browser):
    """Signs of currencies in two figures with their words, and on the screens of the wall."""
    drawn = [browser.ask(f"{name}-say.children") for name in ("trend", "spending")]
    drawn.append(browser.http.get("/api/wall.json").get_json()["screens"])
    return [set(re.findall("[£€]", json.dumps(part, ensure_ascii=False))) for part in drawn]


def test_a_server_older_than_its_currency_follows_the_first_load(tmp_path):
    folder, file = tmp_path / "workspace", tmp_path / "orders.csv"
    folder.mkdir()
    browser = Browser(folder, read_settings(folder))
    assert "No data yet" in text(frame(browser, "/")["content"]["children"])
    rows = [f"c{n % 20},2024-0{1 + n // 20}-15,{n}.50,EUR,kind {n % 3}" for n in range(60)]
    file.write_text("\n".join(["customer_id,date,amount,currency,category", *rows]))
    load(Workspace(folder), read_settings(folder), [str(file)])
    assert "€" in text(browser.body("kpis"))
    assert signs(browser) == [{"€"}] * 3


def test_a_page_of_the_generation_before_keeps_its_currency(tmp_path):
    workspace = publish(tmp_path / "workspace", settings=Settings(threads=1, currency="GBP"))
    with workspace.writing("load", SETTINGS) as draft:
        draft.con.execute("update core.transactions set currency = 'EUR'")
        finish(draft, SETTINGS, as_of=None, scores_as_of=LAST_DAY, horizon_days=30, models=[])
    browser = Browser(workspace.folder)
    for browser.generation, sign in ((1, "£"), (2, "€")):
        assert signs(browser)[:2] == [{sign}] * 2


def test_a_foreign_host_is_not_answered(browser):
    reply = browser.http.get("/", headers={"Host": "evil.example"})
    assert reply.status_code == 400


def test_assets_are_found_beside_the_package_and_hold_the_scripts():
    assert {"theme.js", "60-shell.js"} <= {file.name for file in ASSETS.iterdir()}
    app = create_app(Path("does-not-exist"), SETTINGS)
    assert app.config.assets_folder == str(ASSETS)


def trust(browser, **kwargs):
    return text(browser.body("trust", **kwargs))


def test_the_strip_says_age_origin_and_how_the_last_forecast_came_out(browser):
    """Of 200 expected on 31 May, 85 came: 57.5 % below."""
    shown = trust(browser)
    assert "Data to 30 Jun 2025" in shown
    assert re.search(r"Refreshed \d+ (s|min) ago|Refreshed just now", shown)
    assert "Generation 2" in shown
    assert "Spend model mean" in shown
    assert "30 days from 31 May 2025: expected €200, came €85" in shown
    assert "(−57.5 % : far off)" in shown.replace("%:", "% :")


def test_every_model_of_spend_has_a_title_in_the_strip():
    named = [candidate.name for candidate in spend.question(30).candidates]
    named += [recipe.name for recipe in recipes("spend")]
    assert set(named) == set(SPEND_MODEL_TITLES)


def test_the_result_of_the_last_forecast_is_not_among_the_words_that_may_be_cut(browser):
    (outcome,) = find(browser.body("trust"), className="trust-result")
    (words,) = find(outcome, className="clip")
    assert "57.5" in text(outcome)
    assert "57.5" not in text(words)
    assert outcome["props"]["title"].startswith("Backtest, 30 days from 31 May 2025: expected €200")


def test_the_strip_says_that_the_data_on_disk_cannot_be_read(browser, monkeypatch):
    assert "cannot be read" not in trust(browser)
    damaged = property(lambda _: "generation 2 is damaged", lambda *_: None)
    monkeypatch.setattr(Reader, "trouble", damaged, raising=False)
    assert "The data on disk cannot be read" in trust(browser)


def test_the_strip_tells_the_time_anew_at_each_request(browser, monkeypatch):
    trust(browser)
    monkeypatch.setattr("dashboard.formatting.Formatter.age", lambda self, then: "3 hours ago")
    assert "Refreshed 3 hours ago" in trust(browser)


def test_the_strip_looks_stale_when_the_data_are(tmp_path):
    workspace = publish(tmp_path / "workspace")
    manifest = workspace.current().folder / "manifest.json"
    manifest.chmod(0o600)
    words = re.sub(
        r'"created_at": *"[^"]+"', '"created_at": "2020-01-01T00:00:00Z"', manifest.read_text()
    )
    manifest.write_text(words)
    assert "2020" in words
    browser = Browser(workspace.folder)
    assert "Stale: refreshed" in trust(browser)
    assert find(browser.body("trust"), className="is-warn")


def test_a_page_of_the_generation_before_offers_the_newer_one(tmp_path):
    workspace = publish(tmp_path / "workspace")
    publish(workspace.folder)
    assert "Newer data are ready: show them" in trust(Browser(workspace.folder, generation=1))
    assert "Newer data" not in trust(Browser(workspace.folder, generation=2))


def test_scores_older_than_the_data_are_worded(browser, monkeypatch):
    papers = Provenance(
        date(2025, 6, 30), date(2025, 6, 30), date(2025, 5, 31), "mean", None, None, None,
        watch=Watch("good"),
    )  # fmt: skip
    monkeypatch.setattr("dashboard.components.trust.provenance", lambda view: papers)
    shown = trust(browser)
    assert "Scores only to 31 May 2025" in shown
    assert "Scores as" not in shown


def seen(drift, realised=(), withheld=()):
    """The light of a generation with these rows of drift and of what came of earlier scores."""
    drift = [dict(zip(("name", "psi", "level"), row, strict=True)) for row in drift]
    return watch(SimpleNamespace(
        rows=lambda sql: drift if "drift" in sql else list(realised),
        vocabulary=SimpleNamespace(withheld=dict.fromkeys(withheld, "12 buyers of 500")),
    ))  # fmt: skip


def test_the_light_is_that_of_the_score_that_moved_most():
    spend, churn = ("expected_spend", 0.14, "shifted"), ("churn_risk", 0.04, "stable")
    assert seen([spend, churn]).level == "warn"
    assert seen([spend, churn]).moved == (("expected_spend", 0.14),)
    assert seen([churn]).level == "good"
    assert seen([("churn_risk", 0.31, "drifted"), spend]).level == "bad"
    # Too few to tell, or nobody may see it: then there is no light.
    assert seen([("churn_risk", 0.9, "few")]) is None
    assert seen([("churn_risk", 0.9, "drifted")], withheld=["churn_risk"]) is None


def test_a_generation_that_watched_nothing_yet_has_no_light():
    def rows(sql):
        raise duckdb.CatalogException("Table with name drift does not exist")

    assert watch(SimpleNamespace(rows=rows, vocabulary=SimpleNamespace(withheld={}))) is None


def test_scores_that_were_off_beyond_chance_turn_the_light_red():
    def came(spend_level):
        return [{"as_of": date(2025, 5, 31), "spend_level": spend_level, "churn_level": "as said"}]

    steady = [("churn_risk", 0.04, "stable")]
    assert seen(steady, came("off")).level == "bad"
    assert seen(steady, came("off")).off_since == date(2025, 5, 31)
    assert seen(steady, came("few")).level == "good"
    assert seen(steady, came("off"), withheld=["expected_spend"]).level == "good"


def test_the_strip_says_in_words_that_scores_shifted(tmp_path):
    workspace = publish_scored(tmp_path / "w")
    with workspace.writing("refresh", SETTINGS) as draft:
        draft.con.execute(
            "insert into scores.drift by name select 'score' as kind, 'churn_risk' as name,"
            " 0.14 as psi, 'shifted' as level, 300 as n_then, 300 as n_now"
        )
        finish(draft, SETTINGS, as_of=None, scores_as_of=date(2025, 6, 30), horizon_days=30,
               models=[])  # fmt: skip
    shown = Browser(workspace.folder).body("trust")
    assert "Scores shifted since training" in text(shown)
    (light,) = [node for node in find(shown, className="wide-only") if "shifted" in text(node)]
    assert "churn risk 0.14" in light["props"]["title"]
