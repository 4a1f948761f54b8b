"""A workspace's own feature views, as the models see them."""

from datetime import date

import pytest
from small_shop import SETTINGS
from small_warehouse import SHOP, add_customers, small_warehouse

from analytics.cutoffs import training_frame
from analytics.frames import customer_table_frame, features, scoring_frame
from analytics.keeping import Kept, origin_of, unfit
from analytics.situation import look
from warehouse.build import build_views
from warehouse.custom_views import digest, read_custom_views

STAMPS = """\
-- features.loyalty(as_of): stamps on the card of each customer.
-- grain:  one row per customer with a transaction on or before as_of
-- reads:  core.transactions
-- columns:
--   customer_id  VARCHAR  key
--   stamps       BIGINT   [stamps] one for each line of 20 and more
--   is_new       BOOLEAN  first bought in this year
--   card         VARCHAR  only the kind of card
select
    customer_id,
    count(*) filter (where amount >= 20) as stamps,
    min(purchased_on) >= date '2025-06-01' as is_new,
    'blue' as card
from core.transactions
where customer_id is not null and purchased_on <= $as_of
group by customer_id
"""


@pytest.fixture
def con(tmp_path):
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "loyalty.sql").write_text(STAMPS)
    with small_warehouse(SHOP) as con:
        build_views(con, custom=read_custom_views(tmp_path))
        yield con


def test_numbers_and_flags_of_the_workspace_stand_in_every_frame_as_of_its_day(con):
    frame = scoring_frame(con, date(2025, 6, 30)).set_index("customer_id")
    # Lines of 20 and more: ann's 50, 40 and 20.
    assert frame["loyalty_stamps"].to_dict() == {"ann": 3.0, "bob": 0.0, "cyd": 0.0}
    assert frame["loyalty_is_new"].to_dict() == {"ann": 0.0, "bob": 1.0, "cyd": 0.0}
    assert "loyalty_card" not in frame
    learnt = training_frame(con, date(2025, 5, 31), 30).set_index("customer_id")
    assert learnt["loyalty_stamps"].to_dict() == {"ann": 1.0}
    assert list(features(con).joins.split()).count("features.custom_loyalty($cutoff)") == 1


def test_a_table_of_customers_alone_has_them_too(tmp_path):
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "debt.sql").write_text(
        "-- features.debt(as_of): x\n-- grain:  one row per customer\n-- reads:  core.customers\n"
        "-- columns:\n--   customer_id  VARCHAR  key\n--   share        DOUBLE   x\n"
        "select customer_id, opening_balance / credit_limit as share from core.customers"
    )
    with small_warehouse() as con:
        people = "customer_id  opening_balance  credit_limit\n ann  50  200\n bob  30  40"
        add_customers(con, people)
        build_views(con, custom=read_custom_views(tmp_path))
        frame = customer_table_frame(con)
    assert frame["debt_share"].tolist() == [0.25, 0.75]
    assert list(frame.columns[:2]) == ["customer_key", "customer_id"]


def test_another_definition_of_the_same_columns_asks_for_other_models(con, tmp_path):
    def situation():
        return look(con, SETTINGS, None, 30, digest(read_custom_views(tmp_path)))

    made_of = origin_of(situation(), ["loyalty_stamps"], SETTINGS, {})
    kept = Kept(origin=made_of)
    assert unfit(kept, situation(), ["loyalty_stamps"], SETTINGS) is None
    file = tmp_path / "features" / "loyalty.sql"
    file.write_text(STAMPS.replace(">= 20", ">= 30"))
    assert unfit(kept, situation(), ["loyalty_stamps"], SETTINGS) == "the features changed"
    file.unlink()
    assert unfit(kept, situation(), ["loyalty_stamps"], SETTINGS) == "the features changed"
    assert situation().own_views == ""
