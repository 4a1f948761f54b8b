"""A refresh from files to published scores: what it writes, refuses and repeats."""

import shutil
from datetime import date

import pytest
from small_history import little_work

from analytics.leaderboard import models_json, models_text
from analytics.refresh import refresh
from warehouse.configuration import Clusters, Settings
from warehouse.connection import open_reader
from warehouse.errors import SettingsError, SpendboardError
from warehouse.generations import Workspace
from warehouse.loading import load, unload
from warehouse.synthetic import write_shop

KEY = bytes(32)
# A fixed number of clusters: no scan, which takes most of a small refresh.
SETTINGS = Settings(currency="EUR", threads=1, clusters=Clusters(k=4))
LAST_DAY = date(2025, 6, 30)


@pytest.fixture
def rows(tmp_path):
    """Ask a generation: ``rows(generation, sql)``."""

    def ask(generation, sql):
        with open_reader(
            generation.database, threads=1, memory_limit=None, temp_directory=tmp_path / "spill",
            export_directory=tmp_path,
        ) as con:  # fmt: skip
            return con.execute(sql).fetchall()

    return ask


@pytest.fixture(scope="module", autouse=True)
def small_models():
    """Enough to be better than nothing; how good the models are is measured elsewhere."""
    with little_work(origins=3):
        yield


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop of 400 customers over ten months, loaded and scored."""
    folder = tmp_path_factory.mktemp("shop")
    made = write_shop(folder, customers=400, months=10, seed=3, last_day=LAST_DAY)
    workspace = Workspace(folder / "workspace")
    load(workspace, SETTINGS, [str(made.transactions)])
    refresh(workspace, SETTINGS, key=KEY)
    return workspace


@pytest.fixture
def own(shop, tmp_path):
    """A copy of the shop that a test may change."""
    shutil.copytree(shop.folder, tmp_path / "own")
    return Workspace(tmp_path / "own")


def loaded(tmp_path, text, settings=SETTINGS, **options):
    """A workspace with one file of this text."""
    file = tmp_path / "file.csv"
    file.write_text(text, encoding="utf-8")
    workspace = Workspace(tmp_path / "workspace")
    load(workspace, settings, [str(file)], **options)
    return workspace


def test_everybody_who_bought_is_scored_within_its_bounds(shop, rows):
    generation = shop.current()
    found = rows(generation, "select min(expected_spend) >= 0, count(*) from scores.spend")
    buyers = rows(generation, "select count(*) from marts.customers where frequency > 0")[0][0]
    assert found == [(True, buyers)]
    assert rows(
        generation,
        "select count(*), bool_and(churn_risk between 0 and 1),"
        " bool_and((churn_band = 'high') = (churn_risk >= 0.5)) from scores.churn",
    ) == [(buyers, True, True)]
    assert generation.manifest.scores_as_of == LAST_DAY
    saved = {model.name.split(".")[0] for model in generation.manifest.models}
    assert saved >= {"spend", "churn", "clusters"}


def test_risk_bands_are_cut_at_the_written_quantiles_of_total_spend(shop, rows):
    shares = dict(rows(
        shop.current(),
        "select risk_band, count(*) / sum(count(*)) over () from scores.risk group by risk_band",
    ))  # fmt: skip
    assert shares["low"] == pytest.approx(0.33, abs=0.01)
    assert shares["high"] == pytest.approx(0.34, abs=0.01)
    assert rows(
        shop.current(),
        """
        select bool_and(low.most < medium.least and medium.most < high.least)
        from (select max(monetary) as most from marts.customers where risk_band = 'low') as low,
            (select min(monetary) as least, max(monetary) as most from marts.customers
             where risk_band = 'medium') as medium,
            (select min(monetary) as least from marts.customers where risk_band = 'high') as high
        """,
    ) == [(True,)]


def test_every_backtest_origin_leaves_a_whole_horizon_of_known_days(shop, rows):
    origins = rows(
        shop.current(), "select distinct origin from scores.backtests where origin is not null"
    )
    assert len(origins) >= 3
    assert all((LAST_DAY - origin).days > SETTINGS.horizon_days for (origin,) in origins)


def test_the_models_are_better_than_nothing_on_days_that_they_did_not_see(shop):
    questions = models_json(shop.current())["questions"]
    churn = questions["churn"]
    aucs = [at["auc"] for at in churn["candidates"][churn["champion"]].values()]
    assert sum(aucs) / len(aucs) > 0.7
    spend = questions["spend"]
    ginis = [at["ngini"] for at in spend["candidates"][spend["champion"]].values()]
    assert sum(ginis) / len(ginis) > 0.5


def test_the_leaderboard_names_candidates_origins_champion_and_why(shop):
    answer = models_json(shop.current())
    assert (answer["schema"], answer["generation"]) == (1, shop.current().number)
    for question in ("spend", "churn"):
        found = answer["questions"][question]
        assert found["champion"] in found["candidates"]
        assert found["why"].endswith(".")
        assert len(found["candidates"]) >= 3
    assert "spend: " in models_text(shop.current())


def test_a_failed_refresh_leaves_the_old_generation_served(own, monkeypatch):
    before = own.current().number

    def fail(*args, **kwargs):
        raise SpendboardError("a planted failure")

    monkeypatch.setattr("analytics.refresh.finish", fail)
    with pytest.raises(SpendboardError, match="planted"):
        refresh(own, SETTINGS, key=KEY, train="never")
    assert own.current().number == before


def test_rows_that_come_later_can_answer_what_was_unanswered(tmp_path, rows):
    def lines(months):
        return [
            f"m{m}t{n},c{n % 60},2025-{m:02d}-{n % 27 + 1:02d},{n % 13 + 1}.00"
            for m in months
            for n in range(0, 120, m % 3 + 1)
        ]

    head = "transaction_id,customer_id,date,amount"
    workspace = loaded(tmp_path, "\n".join([head, *lines([6])]))
    assert rows(refresh(workspace, SETTINGS, key=KEY), "select count(*) from scores.spend") == [
        (0,)
    ]
    earlier = tmp_path / "earlier.csv"
    earlier.write_text("\n".join([head, *lines(range(1, 6))]), encoding="utf-8")
    load(workspace, SETTINGS, [str(earlier)])
    generation = refresh(workspace, SETTINGS, key=KEY)
    assert rows(generation, "select count(*) > 50 from scores.spend") == [(True,)]


def test_models_that_saw_a_load_which_was_taken_out_are_made_anew(own, rows, tmp_path):
    honest = rows(own.current(), "select sum(expected_spend) from scores.spend")[0][0]
    poison = tmp_path / "poison.csv"
    buyers = rows(own.current(), "select customer_id from marts.customers limit 200")
    poison.write_text(
        "transaction_id,customer_id,purchased_at,amount\n"
        + "".join(f"p{n}m{month},{buyer},2025-0{month}-15,9000.00\n"
                  for n, (buyer,) in enumerate(buyers) for month in (3, 4, 5)),
        encoding="utf-8",
    )  # fmt: skip
    report = load(own, SETTINGS, [str(poison)])
    with little_work(origins=1):  # whatever they learnt of it
        refresh(own, SETTINGS, key=KEY, train="always")
    unload(own, SETTINGS, report.load_id)
    after = refresh(own, SETTINGS, key=KEY)
    assert rows(after, "select sum(expected_spend) from scores.spend") == [(honest,)]


def test_the_currency_setting_cannot_rename_what_was_loaded(own):
    before = own.current().number
    with pytest.raises(SettingsError, match="the transactions do not") as error:
        refresh(own, Settings(currency="USD", threads=1), key=KEY, train="never")
    assert 'currency = "EUR"' in str(error.value)
    assert own.current().number == before
