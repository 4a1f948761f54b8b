"""What every page, panel and route may need; made once by the application's factory."""

from dataclasses import dataclass

from dashboard.formatting import Formatter
from dashboard.reader import Reader
from warehouse.configuration import Settings


@dataclass(frozen=True)
class Context:
    """The open workspace, its settings, and the one formatter."""

    reader: Reader
    settings: Settings
    formatter: Formatter
