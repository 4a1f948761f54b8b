"""A refresh from files to published scores: what it writes, refuses, repeats and admits."""

import shutil
from datetime import date

import pytest
from small_history import little_work

from analytics.leaderboard import models_json, models_text
from analytics.refresh import refresh
from warehouse.configuration import Clusters, Settings
from warehouse.connection import open_reader
from warehouse.errors import (
    CorruptGenerationError,
    NoGenerationError,
    SettingsError,
    SpendboardError,
    UsageError,
)
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


def test_what_happens_after_the_as_of_day_changes_no_score(own, rows, tmp_path):
    as_of = date(2025, 5, 31)
    ask = "select customer_id, expected_spend from scores.spend order by all"
    before = rows(refresh(own, SETTINGS, as_of=as_of, key=KEY, train="always"), ask)
    late = tmp_path / "late.csv"
    late.write_text(
        "transaction_id,customer_id,purchased_at,amount\n"
        + "".join(f"late{n},{customer},2025-06-15,999.00\n" for n, (customer, _) in
                  enumerate(before[:200])),
        encoding="utf-8",
    )  # fmt: skip
    load(own, SETTINGS, [str(late)])
    after = rows(refresh(own, SETTINGS, as_of=as_of, key=KEY, train="always"), ask)
    assert after == before


def test_saved_models_score_without_a_training(own, rows):
    ask = "select customer_id, expected_spend, churn_risk, persona from marts.customers order by 1"
    before = own.current()
    after = refresh(own, SETTINGS, key=KEY, train="never")
    assert rows(after, ask) == rows(before, ask)
    runs = "select model_id from scores.model_runs order by 1"
    assert rows(after, runs) == rows(before, runs)


def test_a_tampered_model_is_refused_and_nothing_is_published(own):
    generation = own.current()
    victim = next(m for m in generation.manifest.models if m.name.startswith("churn."))
    file = generation.models / victim.file
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(CorruptGenerationError, match="altered"):
        refresh(own, SETTINGS, key=KEY, train="never")
    assert own.current().number == generation.number


def test_models_of_another_installation_are_not_loaded(own):
    with pytest.raises(CorruptGenerationError, match="not written by this installation"):
        refresh(own, SETTINGS, key=bytes([7]) * 32, train="never")


@pytest.mark.parametrize(
    "wrong",
    [{"horizon_days": 0}, {"horizon_days": -30}, {"as_of": date(2999, 1, 1)},
     {"as_of": date(1999, 1, 1)}],
    ids=str,
)  # fmt: skip
def test_an_impossible_horizon_or_day_is_refused(own, wrong):
    before = own.current().number
    with pytest.raises(UsageError) as error:
        refresh(own, SETTINGS, key=KEY, **wrong)
    assert error.value.exit_code == 2
    assert own.current().number == before


def test_without_data_there_is_a_sentence(tmp_path):
    with pytest.raises(NoGenerationError):
        refresh(Workspace(tmp_path / "nothing"), SETTINGS, key=KEY)


def test_two_weeks_of_history_give_no_number_that_pretends(tmp_path, rows):
    lines = [f"t{n},c{n % 40},2025-06-{n % 14 + 1:02d},{n % 9 + 1}.00" for n in range(200)]
    workspace = loaded(tmp_path, "\n".join(["transaction_id,customer_id,date,amount", *lines]))
    generation = refresh(workspace, SETTINGS, key=KEY)
    assert rows(generation, "select count(*) from scores.spend") == [(0,)]
    (note,) = rows(generation, "select note from scores.model_runs where question = 'spend'")
    assert "no window of 30 days to learn from" in note[0]
    assert rows(generation, "select count(*) from scores.risk") == [(40,)]


@pytest.mark.parametrize(
    "lines",
    [
        ["t1,ann,2025-01-01,10.00"],
        [f"t{n},ann,2025-{n % 6 + 1:02d}-11,10.00" for n in range(30)],
        [f"t{n},c{n},2025-01-01,10.00" for n in range(100)],
        [f"t{n},c{n % 60},2025-{n % 12 + 1:02d}-{n % 27 + 1:02d},0.00" for n in range(300)],
        [f"t{n},,2025-{n % 12 + 1:02d}-11,5.00" for n in range(50)],
    ],
    ids=["one purchase", "one customer", "one day, all alike", "all amounts zero", "nobody named"],
)
def test_a_strange_shop_is_no_traceback(tmp_path, lines, rows):
    text = "\n".join(["transaction_id,customer_id,date,amount", *lines])
    generation = refresh(loaded(tmp_path, text), SETTINGS, key=KEY)
    assert rows(generation, "select count(*) from scores.spend where expected_spend < 0") == [(0,)]


def test_an_undated_ledger_has_risk_bands_and_says_what_it_lacks(tmp_path, rows):
    lines = [f"c{n % 60},{n * 7 % 113}.50,Merchant {n % 5}" for n in range(400)]
    workspace = loaded(tmp_path, "\n".join(["customer_id,transaction_amount,merchant", *lines]))
    generation = refresh(workspace, SETTINGS, key=KEY)
    assert generation.manifest.as_of is None
    assert rows(generation, "select count(*) from scores.risk") == [(60,)]
    (note,) = rows(
        generation, "select distinct note from scores.model_runs where question = 'churn'"
    )
    assert "No transaction has a date, so nothing can be said about the days to come." in note[0]
    assert "label of churn" in note[0]  # a table of customers may bring one


def test_a_table_of_customers_is_grouped_without_any_transaction(tmp_path, rows):
    lines = [f"c{n},{n % 2 * 50 + n % 5},{n % 2 * 900 + n % 11}" for n in range(200)]
    workspace = loaded(tmp_path, "\n".join(["customer_id,visits,points", *lines]), kind="customers")
    generation = refresh(workspace, SETTINGS, key=KEY)
    assert rows(
        generation, "select count(*), count(distinct cluster) > 1 from scores.clusters"
    ) == [(200, True)]
    assert rows(generation, "select count(*) from marts.customers where monetary is not null") == [
        (0,)
    ]


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
