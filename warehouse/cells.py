"""Cells of a staged table as SQL: trimmed, and NULL where they say that there is no value."""

from collections.abc import Iterable

from warehouse.synonyms import MISSING, MISSING_UNLESS_TEXT, Role


def words(values: Iterable[str]) -> str:
    """Fixed words of this program as a list in SQL."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def is_one_of(text: str, values: Iterable[str]) -> str:
    """SQL: a text is one of some fixed words.

    An IN of more than a few words becomes a join of all rows, also within a CASE.
    """
    return f"({' or '.join(f'{text} = {words([value])}' for value in values)})"


def cell(position: int, role: Role, trimmed: str | None = None) -> str:
    """SQL of a trimmed cell; NULL where it says that there is no value.

    ``trimmed`` is the name of the column where the cell stands trimmed already.
    """
    return valued(trimmed or f"trim(c{position})", role)


def valued(text: str, role: Role) -> str:
    """SQL of a trimmed text; NULL where it says that there is no value."""
    missing = _missing(role)
    # The number of bytes is known without counting letters, and most texts are longer.
    is_missing = is_one_of(f"lower({text})", missing)
    return (
        f"case when strlen({text}) <= {max(map(len, missing))} and {is_missing}"
        f" then null else {text} end"
    )


def needs_care(text: str, role: Role) -> str:
    """SQL: a text has spaces around it, or says that there is no value; NULL for NULL.

    Another one is a value as it stands. Asked of a stored column, most of this is answered by what
    DuckDB knows of the column as a whole: its least text, its longest, whether all are ASCII.
    """
    missing = [word for word in _missing(role) if word]
    initials = {letter for word in missing for letter in (word[0], word[0].upper())}
    begins = " or ".join(
        f"{text} >= {words([one])} and {text} < {words([chr(ord(one) + 1)])}"
        for one in sorted(initials)
    )
    return (
        f"({text} < '!' or ends_with({text}, ' ')"
        f" or case when strlen({text}) <> length({text}) then trim({text}) <> {text} end"
        f" or strlen({text}) <= {max(map(len, missing))} and ({begins})"
        f" and list_contains([{words(missing)}], lower({text})))"
    )


def _missing(role: Role) -> tuple[str, ...]:
    """The words that say that there is no value."""
    return MISSING if role == "text" else MISSING_UNLESS_TEXT


def trimmed(position: int) -> str:
    """SQL of a cell without spaces around it.

    A text of ASCII characters that begins with a visible one and does not end in a space is left
    alone: looking for spaces letter by letter takes longer than parsing the file.
    """
    text = f"c{position}"
    return (
        f"case when {text} >= '!' and strlen({text}) = length({text})"
        f" and not ends_with({text}, ' ') then {text} else trim({text}) end"
    )
