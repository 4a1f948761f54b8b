"""Which separator gives every record the same number of cells, where only one does."""

import csv
import io

SEPARATORS = ",;\t|"
_RECORDS = 200


def only_separator(head: str, *, is_whole: bool) -> tuple[str, int] | None:
    """The separator that all records at the beginning of a file agree on, and their length.

    Parameters
    ----------
    head : the beginning of the file; ``is_whole`` where it is all of it.

    Returns
    -------
    None where no separator does, or more than one.
    """
    counted = [(one, _cells(head, one, is_whole=is_whole)) for one in SEPARATORS]
    found = [(one, count) for one, count in counted if count > 1]
    return found[0] if len(found) == 1 else None


def _cells(head: str, separator: str, *, is_whole: bool) -> int:
    """How many cells each record has; 0 where they differ or cannot be read."""
    counts: list[int] = []
    try:
        for record in csv.reader(io.StringIO(head, newline=""), delimiter=separator, strict=True):
            if record:
                counts.append(len(record))
            if len(counts) > _RECORDS:
                break
    except csv.Error as error:
        # The beginning may end within a quoted cell.
        if is_whole or "unexpected end" not in str(error):
            return 0
    else:
        if not is_whole:
            counts = counts[:-1]
    return counts[0] if len(set(counts)) == 1 else 0
