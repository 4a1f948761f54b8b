"""What every page, panel and route may need; made once by the application's factory."""

from dataclasses import dataclass, replace

from dashboard.formatting import Formatter
from dashboard.reader import Reader, View
from warehouse.configuration import Settings


@dataclass(frozen=True)
class Context:
    """The open workspace, its settings, and a formatter in their currency; see :meth:`of`."""

    reader: Reader
    settings: Settings
    formatter: Formatter

    def of(self, view: View) -> "Context":
        """With a formatter in the currency of ``view``.

        A server may be older than its currency: the first load of an empty workspace settles it.
        """
        currency = view.manifest.currency
        if currency == self.formatter.currency:
            return self
        return replace(self, formatter=replace(self.formatter, currency=currency))
