"""Model cards: what stands in them; test_analytics_refresh.py holds that they do not vary."""

import pytest
from small_history import KEY, QUICK, little_work, purchases, workspace

from analytics.leaderboard import card
from analytics.refresh import refresh
from warehouse.errors import UsageError


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    """A year of a small shop, refreshed once; do not write to it."""
    with little_work(origins=1):
        return refresh(workspace(tmp_path_factory.mktemp("shop"), purchases()), QUICK, key=KEY)


def test_a_card_says_data_window_candidates_tests_totals_drift_and_limits(generation):
    said = card(generation, "spend")
    for heading in ("What serves", "Data", "Candidates", "By test", "Totals", "Drift", "Limits"):
        assert f"\n## {heading}\n" in said
    assert "- Known up to 2024-12-31, that day included." in said
    assert "bgnbd_gamma_gamma" in said
    assert "recency_days" in said


def test_an_unknown_card_names_those_that_there_are(generation):
    with pytest.raises(UsageError, match="spend, total, churn, risk"):
        card(generation, "weather")


def test_before_a_refresh_there_is_no_card(tmp_path):
    made = workspace(tmp_path, purchases(30))
    with pytest.raises(UsageError, match="make models first"):
        card(made.current(), "spend")
