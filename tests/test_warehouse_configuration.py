"""spendboard.toml: defaults, limits, and what a bad setting is told."""

from zoneinfo import ZoneInfo

import pytest

from warehouse.configuration import Settings, parse_settings, read_settings
from warehouse.errors import SettingsError


def test_a_workspace_without_the_file_has_the_defaults(tmp_path):
    settings = read_settings(tmp_path)
    assert settings == Settings()
    assert (settings.horizon_days, settings.currency, settings.keep_generations) == (30, "GBP", 3)
    assert (settings.risk.low, settings.risk.high, settings.churn.high) == (0.33, 0.66, 0.5)


def test_the_file_overrides_key_by_key(tmp_path):
    (tmp_path / "spendboard.toml").write_text(
        'timezone = "Europe/Berlin"\n[risk]\nlow = 0.2\n[kpis.revenue]\ntarget = 1350000\n'
        '[sources.shop]\nmap = {amount = "Total"}\n',
        encoding="utf-8",
    )
    settings = read_settings(tmp_path)
    assert settings.zone == ZoneInfo("Europe/Berlin")
    assert (settings.risk.low, settings.risk.high) == (0.2, 0.66)
    assert settings.kpis["revenue"].target == 1350000
    assert settings.sources["shop"].map == {"amount": "Total"}


def test_a_file_that_is_no_text_is_an_error_and_not_a_defect(tmp_path):
    (tmp_path / "spendboard.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("horizont_days = 3", "did you mean: horizon_days?"),
        ("[clusters]\nkk = 3", "unknown setting 'clusters.kk'"),
        ("horizon_days = -3", "horizon_days must be a whole number of at least 1"),
        ("max_reject_pct = 120", "max_reject_pct must be a number from 0 to 100"),
        ('currency = "pounds"', 'write for example currency = "EUR"'),
        ('timezone = "Mars/Base"', "unknown timezone 'Mars/Base'"),
        ("[risk]\nlow = 0.7", "risk.low must be below risk.high"),
        ("horizon_days =", "not valid TOML"),
        ('[sources.till]\nmap = {amuont = "x"}', "did you mean: amount?"),
        ('[sources.till]\nmpa = {amount = "x"}', "unknown setting 'sources.till.mpa'"),
        ('[presets.0a]\nmap = {custmer_id = "x"}', "did you mean: customer_id?"),
        ("[presets.0a]\nmap = {}\nfeature_seconds = 6", "feature_seconds? it belongs above the"),
        ("[kpis]\nhorizont_days = 6", "did you mean: horizon_days? it belongs above the first ["),
        ('[cleaning]\nduplicats = "drop"', "did you mean: duplicates?"),
        ('[cleaning]\nduplicates = "dropp"', 'must be one of "keep", "drop"'),
        ("[kpis.revenu]\ntarget = 3", "did you mean: revenue?"),
        ('[wall]\nscreens = ["kpi", "persona"]', 'must be a list of "kpi", "trend" or both'),
        ("[wall]\nscreens = []", 'must be a list of "kpi", "trend" or both'),
        ("[kpis.revenue]\ntarget = inf", "target must be a number from 0"),
        ("[kpis.revenue]\ntarget = nan", "target must be a number from 0"),
        ("threads = 1\nrisk.low = 0.9", "line 2: risk.low must be below"),
        ('[cleaning]\nbad_debt_words = [\n["A"],\n]\nduplicates = "x"', "line 5: cleaning.dup"),
        ("[kpis]\n\nrevenue = 5", "line 3: kpis.revenue must be a table"),
        ('# ours\n\n[wall]\nevery = "10"', "spendboard.toml, line 4: wall.every"),
        ("[kpis]\nrevenue.target = 1\nrevenue.perod = 2", "line 3: unknown"),
        ('memory_limit = "much"', "a number with MB, GB, MiB or GiB"),
        ("[clusters]\nk = 40", 'a whole number from 2 to 12 or "auto"'),
        ('threads = "two"', "write for example threads = 2"),
        ("seed = -1", "seed must be a whole number from 0 to 4294967295"),
        ("[presets.0a]\nkind = 'customers'", "presets.0a.map is missing"),
    ],
)
def test_a_bad_setting_is_named_with_the_way_out(text, says):
    with pytest.raises(SettingsError) as error:
        parse_settings(text)
    assert says in str(error.value)
    assert "to fix:" in str(error.value)
    assert error.value.exit_code == 3
