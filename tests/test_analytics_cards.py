"""Model cards: what stands in them, and that they are the same for the same data."""

import pytest
from small_history import KEY, QUICK, little_work, purchases, workspace

from analytics.leaderboard import card
from analytics.refresh import refresh
from warehouse.errors import UsageError


@pytest.fixture(scope="module")
def generations(tmp_path_factory):
    """The same shop, refreshed in two workspaces; do not write to them."""
    with little_work(origins=1):
        return [
            refresh(workspace(tmp_path_factory.mktemp(name), purchases()), QUICK, key=KEY)
            for name in ("one", "two")
        ]


def test_a_card_says_data_window_candidates_tests_totals_drift_and_limits(generations):
    said = card(generations[0], "spend")
    for heading in ("What serves", "Data", "Candidates", "By test", "Totals", "Drift", "Limits"):
        assert f"\n## {heading}\n" in said
    assert "- Known up to 2024-12-31, that day included." in said
    assert "bgnbd_gamma_gamma" in said
    assert "recency_days" in said


@pytest.mark.parametrize("question", ["spend", "total", "churn", "risk", "clusters"])
def test_the_same_data_give_the_same_card(generations, question):
    one, two = (card(each, question) for each in generations)
    assert one == two


def test_an_unknown_card_names_those_that_there_are(generations):
    with pytest.raises(UsageError, match="spend, total, churn, risk"):
        card(generations[0], "weather")


def test_before_a_refresh_there_is_no_card(tmp_path):
    made = workspace(tmp_path, purchases(30))
    with pytest.raises(UsageError, match="make models first"):
        card(made.current(), "spend")
