"""The wall over HTTP: its page, its screens, and what it never tells."""

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from small_app import Browser
from small_shop import SETTINGS, publish

from dashboard.formatting import Formatter
from dashboard.queries import wall as screens
from dashboard.queries import wall_board, wall_points
from dashboard.queries.kpi import Kpi
from dashboard.queries.trend import Bucket
from dashboard.reader import Reader
from dashboard.routes.wall_page import parse_wall
from dashboard.selection import Selection
from dashboard.theme import assets_folder
from warehouse.configuration import Wall
from warehouse.generations import Workspace
from warehouse.publishing import finish

EURO = Formatter("EUR")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("wall") / "w").folder


@pytest.fixture(scope="module")
def http(folder):
    return Browser(folder, SETTINGS).http


@pytest.fixture
def view(folder):
    return Reader(Workspace(folder), SETTINGS).view()


def test_the_page_passes_the_selection_on_and_keeps_its_own_options(http):
    page = http.get("/wall?persona=loyal,at-risk&every=10&refresh=20&theme=light&screens=trend")
    assert page.status_code == 200
    text = html.unescape(page.get_data(as_text=True))
    assert 'data-api="/api/wall.json?persona=loyal,at-risk&screens=trend"' in text
    assert 'data-home="/?persona=loyal,at-risk"' in text
    assert 'data-every="10"' in text
    assert 'data-refresh="20"' in text
    assert 'data-bs-theme="light"' in text


def test_the_page_needs_no_inline_script_and_nothing_from_elsewhere(http):
    page = http.get("/wall")
    text = page.get_data(as_text=True)
    assert all('src="/assets/' in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "onclick" not in text
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert "'unsafe" not in page.headers["Content-Security-Policy"].split("script-src")[1][:60]


def test_every_asset_of_the_page_exists(http):
    text = http.get("/wall").get_data(as_text=True)
    found = re.findall(r'(?:src|href)="(/assets/[^"?]+)', text)
    assert len(found) == 6
    for path in found:
        with http.get(path) as reply:
            assert reply.status_code == 200, path
    assert "/assets/wall.js" not in http.get("/").get_data(as_text=True)  # Dash leaves it alone


def test_hostile_options_are_escaped_and_listed_as_ignored():
    wall = parse_wall("every=1e9&theme=%22%3E%3Cscript%3E&refresh=-5", Wall())
    assert (wall.every, wall.refresh, wall.theme) == (30, 60, "dark")
    assert wall.ignored == ("every=1e9", "refresh=-5", 'theme="><script>')
    assert wall.home == "/"


@pytest.mark.parametrize("period", ["", "&period=all"])
def test_a_comparison_without_a_period_is_left_out_and_said_and_the_wall_is_shown(http, period):
    wall = parse_wall(f"compare=previous&persona=loyal{period}", Wall())
    assert wall.ignored == ("compare=previous (needs a period)",)
    assert "compare" not in wall.api + wall.home
    assert http.get(wall.api).status_code == 200
    kept = parse_wall("compare=previous&period=90d", Wall())
    assert (kept.ignored, "compare=previous" in kept.api) == ((), True)


def test_hostile_options_do_not_become_markup(http):
    text = http.get("/wall?theme=%22%3E%3Cscript%3E&x=%22%3E%3Cb%3E").get_data(as_text=True)
    assert '"><script>' not in text
    assert '"><b>' not in text


@pytest.mark.parametrize("seconds", ["4", "3601", "", "ten", "５"])
def test_times_out_of_bounds_are_the_default(seconds):
    assert parse_wall(f"every={seconds}", Wall(every=45)).every == 45


def test_the_six_most_telling_figures_stand_on_the_wall():
    def kpi(name, value=1.0):
        return Kpi(name, name, "count", value=value)

    board = [kpi(name) for name in (*screens.PREFERRED, "revenue_without_customer")]
    assert screens.tiles(board) == list(screens.PREFERRED[:6])
    board = [kpi(name, None if name == "reachable" else 1.0) for name in screens.PREFERRED]
    assert "average_order" in screens.tiles(board)
    assert "reachable" not in screens.tiles(board)
    bare = [kpi(name, None) for name in screens.PREFERRED]
    assert len(screens.tiles(bare)) == 6  # the reasons are shown instead


def test_the_wall_of_a_table_of_customers_tells_its_groups_but_none_of_few(tmp_path):
    """Forty customers: three of one group, so that the smaller of the others is withheld too."""
    people = "\n".join(["customer_id  page", *(f"c{n}  {n}" for n in range(40))])
    workspace = publish(tmp_path / "w", None, people, scored=False)
    with workspace.writing("refresh", SETTINGS) as draft:
        for cluster, (slug, first, behind) in enumerate(
            [("few", 0, 3), ("some", 3, 15), ("many", 15, 40)]
        ):
            draft.con.execute(
                "insert into scores.personas values (?, ?, ?, ?, '', '', '', '')",
                [cluster, slug, slug.capitalize(), cluster + 1],
            )
            draft.con.execute(
                "insert into scores.clusters"
                " select customer_key, customer_id, ?, ?, 0, 0, 'k', null"
                " from core.customers where cast(customer_id[2:] as integer) between ? and ?",
                [cluster, slug, first, behind - 1],
            )
        finish(draft, SETTINGS, as_of=None, scores_as_of=None, horizon_days=30, models=[])
    view = Reader(workspace, SETTINGS).view()
    found = wall_board.wall_board(view, Selection.parse("", view.vocabulary), SETTINGS)
    told = {kpi.name: (kpi.value, kpi.note, kpi.reason) for kpi in found}
    assert told["customers"][0] == 40
    assert told["persona-many"] == (25, "62.5 % of customers", None)
    assert told["persona-some"] == (None, "", "would tell of fewer than 10 customers")
    assert told["persona-few"] == (None, "", "fewer than 10 customers")
    assert screens.tiles(found) == [
        "customers", "persona-few", "persona-some", "persona-many",
    ]  # fmt: skip


def test_a_trend_that_few_customers_make_up_is_withheld(view):
    shown = screens.trend_screen(view, Selection.parse("period=30d", view.vocabulary), EURO)
    assert shown["series"] == []
    assert shown["note"] == "fewer than 10 customers"


def test_a_year_over_a_leap_day_never_shows_what_a_single_customer_spent(tmp_path):
    """Twelve customers a day, but ann alone bought on 1 March: at 365 days she hides among them."""
    names = [f"c{n}" for n in range(12)]
    bought = [(name, day, 5) for day in ("2023-02-28", "2023-03-02", "2024-02-28", "2024-03-02")
              for name in names]  # fmt: skip
    bought += [("ann", "2023-03-01", 77), ("bob", "2024-03-04", 1)]
    shop = "\n".join(["customer  day  amount", *(f"{w}  {d}  {a}" for w, d, a in bought)])
    view = Reader(Workspace(publish(tmp_path / "w", shop).folder), SETTINGS).view()
    query = "period=2024-02-28..2024-03-03&compare=year"
    shown = screens.trend_screen(view, Selection.parse(query, view.vocabulary), EURO)
    # 28 and 29 February, 1 to 3 March: 77 would be hers alone, and so would what all days less
    # 28 February and 2 March leave.
    assert shown["series"][1]["values"] == [None, 0.0, None, 60.0, 0.0]


@pytest.mark.parametrize(
    ("counts", "missing", "left_out"),
    [
        ([12, 30, 15], [], []),
        ([12, 30, 1, 11, 0], [], [2, 3]),  # the smallest of the others beside the one
        ([12, 30, 6, 7], [], [0, 2, 3]),  # six and seven may be the same seven people
        ([3, 2, 0], [], [0, 1]),  # all are withheld
        ([12, 30, 4], [1], [1, 2]),  # thirty are missing already
        ([12, 30, 4], [2], [0, 2]),
        ([12, 30, 0], [2], [2]),
    ],
)
def test_what_is_missing_in_a_sum_is_of_ten_customers_or_of_all(counts, missing, left_out):
    assert sorted(wall_points.withheld(counts, missing)) == left_out


def test_a_sparkline_tells_no_point_that_the_trend_withholds():
    """Parts of two days; the third day has one customer, the sixth is withheld beside it."""
    first = date(2025, 6, 1)
    of = [wall_points.Point(first + timedelta(days=at), n, at in (2, 5))
          for at, n in enumerate([30, 30, 1, 30, 30, 11])]  # fmt: skip
    edges = [first + timedelta(days=at) for at in (0, 2, 4, 6)]
    assert wall_points.telling(of, edges, [40, 30, 35]) == {1, 2}
    both = [point._replace(is_missing=at in (2, 3)) for at, point in enumerate(of)]
    assert wall_points.telling(both, edges, [40, 30, 35]) == set()  # thirty-one in one part


def test_lines_that_lie_across_each_other_tell_the_days_between_their_edges():
    week = [wall_points.Point(date(2025, 6, day), 30, False) for day in (2, 9)]
    days = [date(2025, 6, day) for day in (2, 10, 16)]
    assert wall_points.crossing(week, days) == [date(2025, 6, day) for day in (2, 9, 10)]
    assert (
        wall_points.crossing(week, [date(2025, 6, 2), date(2025, 6, 16)]) == []
    )  # weeks are finer
    assert wall_points.crossing(week, [date(2025, 6, n) for n in (2, 5, 9, 12, 16)]) == []


@pytest.mark.parametrize("is_held", [True, False])
@pytest.mark.parametrize("buyers", [12, 3])
def test_a_sparkline_across_the_weeks_tells_no_day_of_few_customers(
    tmp_path, monkeypatch, buyers, is_held
):
    """The ninth of June is between two edges: of parts of four days, and of weeks."""
    first = date(2025, 6, 2)
    bought = [
        f"c{n}  {first + timedelta(days=at)}  5"
        for at in range(46)
        for n in range(buyers if at == 7 else 12)
    ]
    shop = "\n".join(["customer  day  amount", *bought])
    view = Reader(publish(tmp_path / "w", shop, None, scored=False), SETTINGS).view()
    if not is_held:
        monkeypatch.setattr(wall_points, "known", lambda view, selection: None)
    selection = Selection.parse("period=2025-06-02..2025-07-17", view.vocabulary)
    revenue = wall_board.wall_board(view, selection, SETTINGS)[0]
    assert revenue.value == 5 * (45 * 12 + buyers)
    assert {value is None for value in revenue.spark} == {buyers < 10}


def test_the_trend_is_worded_by_the_server(view, monkeypatch):
    monkeypatch.setattr(screens, "FEWEST", 1)
    monkeypatch.setattr(wall_points, "FEWEST", 1)
    query = "period=2025-05-01..2025-06-30&compare=previous"
    shown = screens.trend_screen(view, Selection.parse(query, view.vocabulary), EURO)
    assert shown["title"] == "Revenue a week"
    assert [series["name"] for series in shown["series"]] == ["Revenue a week", "The days before"]
    values = shown["series"][0]["values"]
    assert len(values) == len(shown["series"][1]["values"])
    # Weeks from Monday 5 May; the one that 30 June begins is incomplete and left out.
    assert values[:3] == [40.0, 0.0, 100.0]
    # 23 to 29 June: ann 30, bob's refund of 20; the 7 without a customer are not in it.
    assert values[-1] == 10.0
    assert shown["short"] == "€10"
    assert shown["until"] == "23 Jun to 29 Jun 2025"
    assert shown["ticks"][:2] == [{"value": -25.0, "text": "−€25"}, {"value": 0.0, "text": "€0"}]


def test_a_workspace_without_dates_says_so(tmp_path):
    view = Reader(Workspace(publish(tmp_path / "w", shop="").folder), SETTINGS).view()
    shown = screens.trend_screen(view, Selection.parse("", view.vocabulary), EURO)
    assert shown["series"] == []
    assert shown["note"] == "These data have no dated purchases"


def bucket(text):
    first = date.fromisoformat(text)
    return Bucket(first, first + timedelta(days=6), 7, Decimal(1), 1)


def test_a_period_outside_the_data_is_no_line_at_zero(view):
    selection = Selection.parse("period=2030-01-01..2030-01-31", view.vocabulary)
    shown = screens.trend_screen(view, selection, EURO)
    assert (shown["series"], shown["note"]) == ([], "There are no data in these days")


def test_months_are_named_once_and_the_year_where_it_begins():
    first = date(2025, 10, 27)
    weeks = [bucket(str(first + timedelta(days=7 * n))) for n in range(26)]
    assert [label["text"] for label in screens.labels(weeks, "week")] == [
        "Nov 2025", "Dec", "Jan 2026", "Feb", "Mar", "Apr",
    ]  # fmt: skip
    few = screens.labels(weeks[:3], "week")
    assert [label["text"] for label in few] == ["27 Oct", "3 Nov", "10 Nov"]


@pytest.mark.parametrize("years", [1, 3, 12, 60])
def test_the_axis_never_holds_more_words_than_fit(years):
    months = [bucket(f"{2000 + n // 12}-{n % 12 + 1:02}-01") for n in range(years * 12)]
    made = screens.labels(months, "month")
    assert 2 <= len(made) <= screens.MOST_LABELS + 1
    days = [bucket(f"2025-01-{n + 1:02}") for n in range(31)]
    assert len(screens.labels(days, "day")) <= screens.MOST_LABELS


def test_of_too_few_customers_one_sentence_stands_for_all_screens(http):
    """That of a ledger of one person says where its figures are; none says how few they are."""
    told = http.get("/api/wall.json").get_json()["instead"]
    assert told["title"] == "Too few people for a wall"
    assert "household ledger" in told["text"]
    assert "Overview" in told["text"]
    assert not re.search(r"[1-9]", told["text"].replace("fewer than 10 customers", ""))


def test_the_json_of_the_page_holds_its_screens(http):
    document = http.get("/api/wall.json?screens=kpi,trend").get_json()
    assert [screen["name"] for screen in document["screens"]] == ["kpi", "trend"]
    named = {kpi["name"] for kpi in document["kpis"]}
    assert set(document["screens"][0]["kpis"]) <= named


def test_the_script_is_complete():
    folder = assets_folder()
    script = (folder / "wall.js").read_text(encoding="utf-8")
    page_ids = set(re.findall(r"#(wall-[a-z-]+)", script))
    from dashboard.routes.wall_page import PAGE

    assert page_ids
    for identifier in page_ids:
        assert f'id="{identifier}"' in PAGE, identifier
