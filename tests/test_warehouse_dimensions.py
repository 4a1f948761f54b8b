"""Slugs of purchase dimensions: readable, never empty, and one name each."""

import pytest
from small_warehouse import AS_OF, build, rows, small_warehouse


def slugs(*names, dimension="category"):
    """Slug of each name that a source uses as a value of one dimension."""
    with small_warehouse() as con:
        for name in names:
            con.execute(
                f"insert into core.transactions (source, transaction_id, order_id, amount, kind,"
                f" {dimension}) values ('s', $name, $name, 1, 'purchase', $name)",
                {"name": name},
            )
        build(con, None)
        found = con.execute("select value, slug from marts.dimensions").fetchall()
    return dict(found)


def test_slugs_read_like_the_names_they_stand_for():
    assert slugs("Home & Living", "Schuhe für Große", "Køkken", "24/7") == {
        "Home & Living": "home-living",
        "Schuhe für Große": "schuhe-fur-grosse",
        "Køkken": "kokken",
        "24/7": "24-7",
    }


def test_names_that_share_a_slug_all_get_a_longer_one():
    found = slugs("Home & Living", "home living", "HOME-LIVING!", "Garden")
    assert found.pop("Garden") == "garden"
    assert len(set(found.values())) == 3
    assert all(slug.startswith("home-living-") for slug in found.values())
    # The digest is that of the name alone: it stays when other names come and go.
    assert slugs("home living", "Home Living")["home living"] == found["home living"]


@pytest.mark.parametrize("name", ["家居用品", "!!!", "—", "None", "none", "مطبخ", "<>"])
def test_no_slug_is_empty_or_means_a_missing_value(name):
    slug = slugs(name, "Shoes")[name]
    assert slug not in {"", "none"}
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_name_that_looks_like_the_longer_slug_of_another_is_told_apart():
    longer = slugs("Shoes", "shoes")["Shoes"]
    found = slugs("Shoes", "shoes", longer)
    assert len(set(found.values())) == 3


def test_the_same_name_may_stand_in_two_dimensions():
    with small_warehouse("""
        customer  day         amount  city    merchant
        ann       2025-01-01   30.00  Berlin  Berlin
        ann       2025-01-02   10.00  Berlin  -
        bob       2025-01-02   -4.00  Berlin  -
    """) as con:  # fmt: skip
        build(con, AS_OF)
        assert rows(con, "from marts.dimensions") == [
            {"dimension": "city", "value": "Berlin", "slug": "berlin", "n_lines": 3,
             "revenue": 36},
            {"dimension": "merchant", "value": "Berlin", "slug": "berlin", "n_lines": 1,
             "revenue": 30},
        ]  # fmt: skip
