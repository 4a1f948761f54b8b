"""Spellings of categories: merged where a rule says so, proposed where they look like a slip.

What is written in the source stays in ``category_written`` where ``category`` says something else,
so that any rule can be changed or taken back later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from warehouse import transaction_table
from warehouse.cancellations import CHANGED
from warehouse.configuration import Cleaning
from warehouse.content import content_hash
from warehouse.incoming import TABLE
from warehouse.report import RuleCount

# Comparing each with each takes a second for so many.
_MOST_SPELLINGS = 2_000
_MOST_PROPOSALS = 10
# Shorter words are too often one slip apart and still two words: rent and vent.
_SHORT, _LONG = 5, 8

_WRITTEN = "coalesce(category_written, category)"
_KEY = "regexp_replace(lower({0}), '\\s+', '', 'g')"


@dataclass(frozen=True)
class Proposal:
    """Two spellings that may be one: the rarer one, how many rows have it, the more frequent."""

    rarer: str
    rows: int
    likely: str

    def __str__(self) -> str:
        line = f"{_quoted(self.rarer)} = {_quoted(self.likely)}"
        return (
            f"category {self.rarer!r} ({self.rows:,} rows) may be {self.likely!r}; if it is, put"
            f" this line under [cleaning.categories] in spendboard.toml: {line}"
        )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def looked_at(
    con: duckdb.DuckDBPyConnection, cleaning: Cleaning
) -> tuple[list[RuleCount], list[str]]:
    """Categories of a load that differ in case and spacing only, and proposals for the others.

    What is stored already counts too: a slip is told from the usual spelling by its rarity.
    """
    counts: dict[str, int] = dict(
        con.execute(
            f"""
            select written, count(*) as n_rows
            from (
                select category as written from {TABLE} where reason is null and not is_foreign
                union all
                select {_WRITTEN} from core.transactions
            )
            where written is not null
            group by written
            order by n_rows desc, written
            limit {_MOST_SPELLINGS + 1}
            """
        ).fetchall()
    )
    if len(counts) > _MOST_SPELLINGS:
        return [], []
    folded = _folded(counts)
    variants = sum(counts[one] for one, usual in folded.items() if one != usual)
    action = "kept" if cleaning.category_spelling == "keep" else "folded to the usual spelling"
    rules = [RuleCount("category_spelling", variants, action)] if variants else []
    aliased = {_key(one) for one in cleaning.categories}
    usual = {one: rows for one, rows in _summed(counts, folded).items() if _key(one) not in aliased}
    return rules, [str(one) for one in proposals(usual)]


def _key(text: str) -> str:
    return "".join(text.lower().split())


def _folded(counts: Mapping[str, int]) -> dict[str, str]:
    """Each spelling to the most frequent one that differs in case and spacing only."""
    usual: dict[str, str] = {}
    for one in sorted(counts, key=lambda one: (-counts[one], one)):
        usual.setdefault(_key(one), one)
    return {one: usual[_key(one)] for one in counts}


def _summed(counts: Mapping[str, int], folded: Mapping[str, str]) -> dict[str, int]:
    summed: dict[str, int] = {}
    for one, rows in counts.items():
        summed[folded[one]] = summed.get(folded[one], 0) + rows
    return summed


def proposals(counts: Mapping[str, int]) -> list[Proposal]:
    """Pairs of which one looks like a slip of the pen of the other, the most rows first.

    They differ by one or two letters of one longer word. Digits and single letters tell things
    apart: ``Fund A`` is not ``Fund B``.
    """
    names = sorted(counts, key=lambda one: (-counts[one], one))
    lower = [one.lower() for one in names]
    found: list[Proposal] = []
    taken: set[str] = set()
    distances = np.tril(process.cdist(lower, lower, scorer=OSA.distance, score_cutoff=2))
    for rarer, likely in np.argwhere((distances > 0) & (distances <= 2)).tolist():
        is_slip = _is_slip(lower[rarer].split(), lower[likely].split())
        if is_slip and names[rarer] not in taken:
            found.append(Proposal(names[rarer], counts[names[rarer]], names[likely]))
            taken.add(names[rarer])
    found.sort(key=lambda one: (-one.rows, one.rarer))
    return found[:_MOST_PROPOSALS]


def _is_slip(one: Sequence[str], other: Sequence[str]) -> bool:
    if len(one) != len(other):
        return False
    pairs = [(left, right) for left, right in zip(one, other, strict=True) if left != right]
    if len(pairs) != 1 or not all(word.isalpha() for word in pairs[0]):
        return False
    shorter = min(map(len, pairs[0]))
    return shorter >= _SHORT and OSA.distance(*pairs[0]) <= (1 if shorter < _LONG else 2)


def settle(con: duckdb.DuckDBPyConnection, cleaning: Cleaning) -> list[RuleCount]:
    """Bring the categories of core.transactions in line with the rules, and with all rows.

    Customers whose rows change are added to the temporary ``settled_customers``.
    """
    is_on = cleaning.category_spelling == "fold" or bool(cleaning.categories)
    if not is_on and not _has_written(con):
        return []
    con.execute(
        f"""
        create or replace temp table spellings as
        with present as (
            select {_WRITTEN} as written, category, count(*) as n_rows
            from core.transactions where category is not null group by all
        ), summed as (
            select written, {_KEY.format("written")} as key, sum(n_rows) as n_rows
            from present group by written
        ), usual as (
            select
                written,
                key,
                if($fold, first_value(written) over (
                    partition by key order by n_rows desc, written
                ), written) as spelling
            from summed
        ), wanted as (
            select
                written,
                coalesce(
                    list_extract($ours, nullif(list_position($theirs, key), 0)), spelling
                ) as category
            from usual
        )
        select wanted.written, wanted.category, sum(present.n_rows) as n_rows,
            bool_or(present.category <> wanted.category) as is_new
        from present join wanted on wanted.written = present.written
        where wanted.category <> wanted.written or present.category <> wanted.category
        group by all
        """,
        {
            "fold": cleaning.category_spelling == "fold",
            "theirs": [_key(one) for one in cleaning.categories],
            "ours": list(cleaning.categories.values()),
        },
    )
    _respell(con)
    rows = con.execute(
        "select coalesce(sum(n_rows), 0) from spellings where category <> written"
    ).fetchall()[0][0]
    con.execute("drop table spellings")
    return [RuleCount("categories", int(rows), "spelled as the rules say")] if rows else []


def _has_written(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a rule that was taken back since has changed a category."""
    found = con.execute(
        "select 1 from core.transactions where category_written is not null limit 1"
    ).fetchall()
    return bool(found)


def _respell(con: duckdb.DuckDBPyConnection) -> None:
    """Write the spellings that are wanted into the rows that have others."""
    if not con.execute("select 1 from spellings where is_new limit 1").fetchall():
        return
    transaction_table.hold(con, ["category_written"])
    found = (
        "coalesce(lines.category_written, lines.category) = spellings.written"
        " and lines.category <> spellings.category and spellings.is_new"
    )
    con.execute(
        f"insert into {CHANGED} select distinct lines.customer_key"
        f" from core.transactions as lines join spellings on {found}"
    )
    con.execute(
        f"""
        update core.transactions as lines set
            category = spellings.category,
            category_written = nullif(spellings.written, spellings.category),
            -- A row stays known by what its source wrote.
            content_hash = coalesce(lines.content_hash, {content_hash("lines")})
        from spellings
        where {found}
        """
    )
