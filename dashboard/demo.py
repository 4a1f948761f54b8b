"""The demo workspace: a synthetic shop, loaded and scored by the ordinary commands' code."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from warehouse.configuration import FILE_NAME, Settings, read_settings
from warehouse.errors import NoGenerationError, SpendboardError
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

    customers: int
    months: int
    seed: int
    last_day: date | None = None

    def marker(self) -> dict[str, object]:
        """What is written into the workspace, to know the demo again."""
        wanted = asdict(self) | {"build": build_name()}
        wanted["last_day"] = self.last_day.isoformat() if self.last_day else None
        return wanted


def build(folder: Path, shape: Shape, *, score: Score, rebuild: bool, progress: Progress) -> bool:
    """Make the demo in ``folder`` unless the same one is there already; say whether it was made.

    Raises
    ------
    SpendboardError : ``folder`` holds something that is not a demo. It is never touched.
    """
    _refuse_what_is_no_demo(folder)
    if not rebuild and _is_built(folder, shape):
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


def _is_built(folder: Path, shape: Shape) -> bool:
    """Whether ``folder`` holds the finished demo of this shape, made by this build."""
    try:
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        Workspace(folder).current()
    except (OSError, ValueError, NoGenerationError):
        return False
    return bool(found == shape.marker())
