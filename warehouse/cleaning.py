"""Cleaning as written rules: doubtful rows are counted, and left out or changed on wish.

The rules here look at one row at a time, and at equal rows of one file, so that the files of a load
may come in any order. They run over ``incoming`` before anybody asks which rows are new; identity
is made of the values that the source wrote, so that no rule makes an old row look new.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from warehouse import cancellations, categories
from warehouse.configuration import Cleaning
from warehouse.identity import JUDGED
from warehouse.incoming import TABLE
from warehouse.report import RuleCount

_GOOD = "reason is null and not is_foreign"
SET_ASIDE = "set aside"
KEPT = "kept"


@dataclass(frozen=True)
class _RowRule:
    """A rule about single rows: its key in ``[cleaning]``, and its condition on ``incoming``.

    It is asked only where one of the columns ``needs`` is mapped. In the condition ``{words}`` and
    ``{beginnings}`` stand for one comparison for each of these texts of the settings.
    """

    name: str
    condition: str
    needs: frozenset[str]

    def sql(self, cleaning: Cleaning) -> str:
        """The condition, in which all texts of the settings are bound."""
        return self.condition.format(
            words=_any_of(
                "contains(lower(product), {0}) or contains(lower(description), {0})",
                "word",
                cleaning.bad_debt_words,
            ),
            beginnings=_any_of(
                "starts_with(lower(product_id), {0})", "beginning", _split(cleaning)[1]
            ),
        )


def _any_of(comparison: str, name: str, texts: Sequence[str]) -> str:
    # Faster than one comparison with a list: most rows are compared with all of them.
    return " or ".join(comparison.format(f"${name}_{n}") for n in range(len(texts))) or "false"


def _split(cleaning: Cleaning) -> tuple[list[str], list[str]]:
    """Product codes of the settings: whole ones, and beginnings of codes."""
    codes = [code.lower() for code in cleaning.non_product_codes]
    return (
        [code for code in codes if not code.endswith("*")],
        [code[:-1] for code in codes if code.endswith("*")],
    )


# The first rule that holds for a row is the one that sets it aside.
_ROW_RULES = (
    _RowRule("transfers", "kind = 'transfer'", frozenset({"kind"})),
    _RowRule("bad_debt", "coalesce({words}, false)", frozenset({"product", "description"})),
    _RowRule(
        "non_products",
        "coalesce(lower(product_id) in $codes or {beginnings}, false)",
        frozenset({"product_id"}),
    ),
    _RowRule(
        "zero_amounts", "kind in ('purchase', 'refund') and amount = 0", frozenset({"amount"})
    ),
)
_WORDS = ("category", "merchant")


def apply(
    con: duckdb.DuckDBPyConnection, mapped: Collection[str], cleaning: Cleaning
) -> list[RuleCount]:
    """Set rows of ``incoming`` aside, put words in for what is missing, and count both.

    Parameters
    ----------
    mapped : our columns that the files of the load fill.
    cleaning : what the settings say.

    Returns
    -------
    one entry per rule that speaks of at least one row; rows of a rule that keeps them are counted
    where no other rule sets them aside.
    """
    rules = [rule for rule in _ROW_RULES if rule.needs & set(mapped)]
    wanted = [rule for rule in rules if getattr(cleaning, rule.name) == "set_aside"]
    if wanted:
        cases = " ".join(f"when {rule.sql(cleaning)} then '{rule.name}'" for rule in wanted)
        _run(
            con,
            f"update {TABLE} set rule = case {cases} end"
            f" where {_GOOD} and ({' or '.join(rule.sql(cleaning) for rule in wanted)})",
            cleaning,
        )
    if cleaning.duplicates == "drop":
        con.execute(_DROP_DUPLICATES)
    counts = _aside(con) if wanted or cleaning.duplicates == "drop" else []
    return counts + _kept(con, [rule for rule in rules if rule not in wanted], mapped, cleaning)


def _run(
    con: duckdb.DuckDBPyConnection, statement: str, cleaning: Cleaning
) -> duckdb.DuckDBPyConnection:
    """Execute with those of the bound lists that the statement names."""
    codes, beginnings = _split(cleaning)
    values: dict[str, object] = {"codes": codes}
    values |= {f"beginning_{n}": text for n, text in enumerate(beginnings)}
    values |= {f"word_{n}": word.lower() for n, word in enumerate(cleaning.bad_debt_words)}
    named = set(re.findall(r"\$([a-z_]\w*)", statement))
    return con.execute(statement, {n: value for n, value in values.items() if n in named})


# Equal rows of one file after the first; a row with an id is known by it and needs no rule.
_DROP_DUPLICATES = f"""
    update {TABLE} set rule = 'duplicates' from (
        with good as (
            select rowid as row, file_no, content_hash
            from {TABLE} where {_GOOD} and rule is null and transaction_id is null
        ), repeated as (
            select file_no, content_hash from good group by all having count(*) > 1
        )
        select row
        from good semi join repeated using (file_no, content_hash)
        qualify row_number() over (partition by file_no, content_hash order by row) > 1
    ) as again
    where {TABLE}.rowid = again.row
"""


def _aside(con: duckdb.DuckDBPyConnection) -> list[RuleCount]:
    """Rows that the rules have set aside."""
    counted = con.execute(
        f"select rule, count(*) from {TABLE} where rule is not null group by rule order by rule"
    ).fetchall()
    return [RuleCount(rule, rows, SET_ASIDE) for rule, rows in counted]


def _kept(
    con: duckdb.DuckDBPyConnection,
    rules: list[_RowRule],
    mapped: Collection[str],
    cleaning: Cleaning,
) -> list[RuleCount]:
    """Rows that rules speak of and that stay, and values that are missing."""
    found = {rule.name: (rule.sql(cleaning), KEPT) for rule in rules}
    for ours in _WORDS:
        if ours in mapped:
            word = getattr(cleaning, f"missing_{ours}")
            action = KEPT if word is None else f"{word!r} put in"
            found[f"missing_{ours}"] = (f"{ours} is null", action)
    if not found:
        return []
    counts = _run(
        con,
        f"select {', '.join(f'count(*) filter ({condition})' for condition, _ in found.values())}"
        f" from {TABLE} where {_GOOD} and rule is null",
        cleaning,
    ).fetchall()[0]
    for ours in _WORDS:
        if ours in mapped and getattr(cleaning, f"missing_{ours}") is not None:
            con.execute(
                f"update {TABLE} set {ours} = $word where {ours} is null and {_GOOD}",
                {"word": getattr(cleaning, f"missing_{ours}")},
            )
    return [
        RuleCount(rule, rows, action)
        for (rule, (_, action)), rows in zip(found.items(), counts, strict=True)
        if rows
    ]


def found_after(
    con: duckdb.DuckDBPyConnection, mapped: Collection[str], cleaning: Cleaning
) -> tuple[list[RuleCount], list[str]]:
    """What is found among rows that are judged: repeated ones, cancellations, categories.

    Returns
    -------
    counts, and sentences that propose what to do.
    """
    counts = repeated(con)
    notes: list[str] = []
    if {"quantity", "customer_id", "purchased_at"} <= set(mapped):
        counts += cancellations.counted(con)
    if "category" in mapped:
        spellings, notes = categories.looked_at(con, cleaning)
        counts += spellings
    return counts, notes


def repeated(con: duckdb.DuckDBPyConnection) -> list[RuleCount]:
    """Equal rows without ids within one file, which are kept and numbered."""
    rows = con.execute(
        f"""
        select count(*)
        from {JUDGED} as judged join {TABLE} as incoming on incoming.rowid = judged.row
        where incoming.transaction_id is null and contains(judged.id, '-')
        """
    ).fetchall()[0][0]
    return [RuleCount("duplicates", rows, "kept and numbered")] if rows else []
