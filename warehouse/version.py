"""Which build of Spendboard this is: version, and commit where it runs from a checkout."""

from functools import cache
from pathlib import Path

from warehouse import __version__


def _commit(root: Path) -> str | None:
    """Abbreviated commit of the checkout at ``root``, read from git's own files."""
    head = root / ".git" / "HEAD"
    if not head.is_file():
        return None
    text = head.read_text(encoding="utf-8").strip()
    if not text.startswith("ref: "):
        return text[:9]
    reference = text.removeprefix("ref: ")
    loose = root / ".git" / reference
    if loose.is_file():
        return loose.read_text(encoding="utf-8").strip()[:9]
    packed = root / ".git" / "packed-refs"
    if packed.is_file():
        for line in packed.read_text(encoding="utf-8").splitlines():
            if line.endswith(f" {reference}"):
                return line[:9]
    return None


@cache
def build_name() -> str:
    """``0.1.0+4f2a91c0d`` in a checkout, ``0.1.0`` in an installation."""
    commit = _commit(Path(__file__).resolve().parents[1])
    return f"{__version__}+{commit}" if commit else __version__
