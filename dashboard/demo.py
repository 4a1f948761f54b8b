"""The demo workspace: a synthetic shop, loaded and scored by the ordinary commands' code."""

import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from warehouse.configuration import FILE_NAME, Settings, read_settings
from warehouse.errors import NoGenerationError, SpendboardError, UsageError
from warehouse.generations import Workspace
from warehouse.loading import load
from warehouse.lock import writers_lock
from warehouse.progress import Progress
from warehouse.synthetic import write_shop
from warehouse.version import build_name

MARKER = "demo.json"
SETTINGS = """\
# The demo's settings; docs/operations.md lists them all.
currency = "EUR"
timezone = "Europe/Berlin"
"""

Score = Callable[[Workspace, Settings], None]


@dataclass(frozen=True)
class Shape:
    """What the synthetic shop is like. ``last_day`` is yesterday where it is not given."""

    customers: int = 5000
    months: int = 24
    seed: int = 0
    last_day: date | None = None

    def marker(self) -> dict[str, object]:
        """What is written into the workspace, to know the demo again."""
        wanted = asdict(self) | {"build": build_name()}
        wanted["last_day"] = self.last_day.isoformat() if self.last_day else None
        return wanted


def build(
    folder: Path,
    shape: Shape,
    *,
    score: Score,
    rebuild: bool,
    progress: Progress,
    asked: Collection[str] = (),
) -> bool:
    """Make the demo in ``folder`` unless one is there already; say whether it was made.

    What is there stays, also where another build made it: somebody may have worked with it.

    Parameters
    ----------
    rebuild : make it anew, whatever is there.
    asked : fields of ``shape`` that were asked for; a demo that is there must agree with them.

    Raises
    ------
    SpendboardError : ``folder`` holds something that is not a demo. It is never touched.
    UsageError : it holds another demo than the one that was asked for.
    """
    _refuse_what_is_no_demo(folder)
    if not rebuild and (found := _finished(folder)) is not None:
        _refuse_another(folder, found, shape, asked)
        return False
    if folder.exists():
        with writers_lock(folder / "writer.lock", "demo --rebuild"):
            shutil.rmtree(folder)
    folder.mkdir(parents=True)
    # The marker comes first: a demo that was interrupted is known as one, and made anew.
    (folder / MARKER).write_text(json.dumps({"build": None}), encoding="utf-8")
    (folder / FILE_NAME).write_text(SETTINGS, encoding="utf-8")
    settings = read_settings(folder)
    workspace = Workspace(folder, keep=settings.keep_generations)
    shop = write_shop(
        folder / "source",
        customers=shape.customers,
        months=shape.months,
        seed=shape.seed,
        last_day=shape.last_day or datetime.now(UTC).date() - timedelta(days=1),
        progress=progress,
    )
    load(workspace, settings, [str(shop.transactions)], kind="transactions", progress=progress)
    load(workspace, settings, [str(shop.customers)], kind="customers", progress=progress)
    score(workspace, settings)
    (folder / MARKER).write_text(json.dumps(shape.marker(), indent=1), encoding="utf-8")
    return True


def _refuse_what_is_no_demo(folder: Path) -> None:
    if folder.exists() and not (folder / MARKER).is_file():
        if folder.is_dir() and not any(folder.iterdir()):
            return
        raise SpendboardError(
            f"{folder} is there and is not a demo workspace; it is left alone",
            fix="name another folder: spendboard demo --workspace some-new-folder",
        )


def _finished(folder: Path) -> dict[str, object] | None:
    """The marker of a demo that was made to its end; None where there is none."""
    try:
        Workspace(folder).current()
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, NoGenerationError):
        return None
    except ValueError:
        return {}
    # While a demo is being made, its marker says of nothing how it is.
    return None if found == {"build": None} else dict(found)


def _refuse_another(
    folder: Path, found: dict[str, object], shape: Shape, asked: Collection[str]
) -> None:
    """Raise UsageError where the demo that is there is not the one that was asked for."""
    wanted = shape.marker()
    other = [name for name in asked if found.get(name) != wanted[name]]
    if other:
        raise UsageError(
            f"{folder} holds another demo",
            found=", ".join(f"{name} {_told(found.get(name))}" for name in other),
            fix="--rebuild makes it anew, and what was done with it is gone; or name another"
            " folder: --workspace some-new-folder",
        )


def _told(value: object) -> object:
    return "not named" if value is None else value


def there_already(folder: Path) -> str:
    """That a demo is there, and by which build where that was another one."""
    found = _finished(folder) or {}
    build = found.get("build", build_name())
    by = "" if build == build_name() else f", made by build {build}"
    return f"there already{by}; --rebuild makes it anew"
