"""Labels of a customers table: recognised by names and contents, or named by the settings."""

import pytest
from small_warehouse import add_customers, small_warehouse

from warehouse.configuration import Labels
from warehouse.errors import SettingsError
from warehouse.label_columns import find, remarks


def found(con, **settings):
    return find(con, Labels(**settings))


def outcomes(con, label):
    sql = f"select {label.sql} from core.customers as customers order by customer_id"
    return [value for (value,) in con.execute(sql).fetchall()]


@pytest.fixture(scope="module")
def con():
    con = small_warehouse()
    add_customers(con, """
        customer_id  exited  attrition_flag     churn_reason  next_month_spend_label  spend_to_date
        ann          0       Existing Customer  -             12.5                    3
        bob          1       Attrited Customer  price         -4                      4
        cyd          -       Existing Customer  -             -                       5
    """, attributes=[("exited", "DOUBLE"), ("attrition_flag", "VARCHAR"),
                     ("churn_reason", "VARCHAR"), ("next_month_spend_label", "DOUBLE"),
                     ("spend_to_date", "DOUBLE")])  # fmt: skip
    yield con
    con.close()


def test_labels_are_known_by_name_and_contents(con):
    labels = found(con).labels
    assert {name: label.column for name, label in labels.items()} == {
        "churn": "exited", "spend": "next_month_spend_label",
    }  # fmt: skip


def test_a_label_is_read_as_one_and_nothing_or_as_money_that_is_never_negative(con):
    labels = found(con).labels
    assert outcomes(con, labels["churn"]) == [0, 1, None]
    assert outcomes(con, labels["spend"]) == [12.5, 0, None]


def test_what_else_is_named_like_an_outcome_is_hidden_from_models(con):
    """A reason of leaving is known only of those who left."""
    labels = found(con)
    assert set(labels.others) == {"attrition_flag", "churn_reason"}
    assert labels.hidden == {
        "exited", "attrition_flag", "churn_reason", "next_month_spend_label",
    }  # fmt: skip


def test_settings_name_another_label_or_none(con):
    labels = found(con, churn="attrition_flag", spend="none", leave_out=("spend_to_date",))
    assert outcomes(con, labels.labels["churn"]) == [0, 1, 0]
    assert set(labels.labels) == {"churn"}
    assert labels.leave_out == {"spend_to_date"}
    assert labels.hidden >= {"next_month_spend_label", "spend_to_date"}


def test_a_setting_that_fits_nothing_is_refused_with_what_is_near(con):
    with pytest.raises(SettingsError, match="did you mean exited"):
        found(con, churn="exitted")
    with pytest.raises(SettingsError, match="not of that kind"):
        found(con, churn="spend_to_date")
    with pytest.raises(SettingsError, match="not of that kind"):
        found(con, spend="churn_reason")


def test_a_load_says_what_it_recognised(con):
    assert remarks(con, Labels()) == [
        "next_month_spend_label is the label of spend: `spendboard refresh` learns to foretell it",
        "exited is the label of churn, where 1 counts as churned: `spendboard refresh` learns to"
        " foretell it",
        "named like an outcome, so no model learns from it: attrition_flag, churn_reason",
    ]


@pytest.mark.parametrize(
    ("values", "yes"),
    [
        (("yes", "no"), "yes"),
        (("True", "False"), "true"),
        (("Not churned", "Churned"), "churned"),
        (("no", "no"), None),
        (("maybe", "no"), "-"),
        (("red", "blue"), "-"),
        (("1", "0"), "1"),
        (("0", "0"), None),
        # Which of them left, nobody can tell.
        (("1", "2"), "-"),
        (("-1", "1"), "-"),
        (("1", "1"), "-"),
        (("class 1", "class 2"), "-"),
    ],
)
def test_of_two_values_one_must_say_yes(values, yes):
    con = small_warehouse()
    add_customers(con, f"""
        customer_id  churn
        ann          {values[0]}
        bob          {values[1]}
    """, attributes=[("churn", "VARCHAR")])  # fmt: skip
    labels = found(con).labels
    con.close()
    if yes == "-":
        assert not labels
    else:
        assert labels["churn"].yes == yes


@pytest.mark.parametrize("other", [2, -1])
def test_a_number_beside_one_that_is_not_nothing_is_no_label_until_it_is_recoded(other):
    """Read as 1 for churned, 1 and 2 could count all who stayed as gone."""
    con = small_warehouse()
    add_customers(con, f"""
        customer_id  churn
        ann          1
        bob          {other}
    """, attributes=[("churn", "DOUBLE")])  # fmt: skip
    assert remarks(con, Labels()) == ["named like an outcome, so no model learns from it: churn"]
    with pytest.raises(SettingsError, match="not of that kind"):
        found(con, churn="churn")
    con.execute("update core.customers set churn = 0 where churn <> 1")
    assert found(con).labels["churn"].yes == "1.0"
    con.close()


def test_a_load_says_which_value_counts_as_churned(con):
    said = found(con, churn="attrition_flag", spend="none").sentences()[0]
    assert said.startswith(
        "attrition_flag is the label of churn, where attrited customer counts as churned:"
    )
