"""A warehouse in memory into which tests load texts and files, without a workspace around it."""

import duckdb

from warehouse import marks
from warehouse.build import build_core
from warehouse.configuration import Cleaning
from warehouse.examining import Options, examine, store
from warehouse.mapping import Wishes
from warehouse.planning import make_plan
from warehouse.progress import Silent
from warehouse.row_steps import Rules
from warehouse.settling import settle
from warehouse.sources.tables import Databases


def counts(report):
    """Rows read, loaded, rejected, already loaded and set aside."""
    return (
        report.read, report.loaded, report.rejected, report.already_loaded, report.set_aside,
    )  # fmt: skip


class Desk:
    """A warehouse in memory into which texts are loaded as files."""

    def __init__(self, folder):
        self.folder = folder
        self.con = duckdb.connect()
        build_core(self.con)

    def load(self, *texts, **wishes):
        """Write each text into a file of its own and load them; see :meth:`load_files`."""
        paths = []
        for number, text in enumerate(texts, start=1):
            path = self.folder / f"{number}.csv"
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
        return self.load_files(*paths, **wishes)

    def load_files(
        self, *paths, kind=None, mapping=None, currency="GBP", timezone="UTC", date_order=None,
        cleaning=None, passwords=None, **options,
    ):  # fmt: skip
        """Report of a load without a workspace; rows are stored whatever is rejected."""
        with Databases(passwords) as databases:
            plan = make_plan(
                [str(path) for path in paths], Wishes(kind, mapping or {}), None,
                databases=databases,
            )  # fmt: skip
            databases.finish(Silent())
        rules = Rules(plan.kind, currency, timezone, date_order, cleaning or Cleaning())
        report = examine(self.con, plan, Options(rules, **options), Silent())
        if not report.loaded:
            return report
        report = store(self.con, plan, Options(rules, **options), report)
        marks.catch_up(self.con)
        return report

    def settle(self, **rules):
        """Ask the rules that compare rows of everything that is stored, as a load ends in."""
        counts = settle(self.con, Cleaning(**rules))
        marks.catch_up(self.con)
        return counts

    def rows(self, columns, table="core.transactions"):
        return self.con.execute(f"select {columns} from {table} order by all").fetchall()

    def value(self, expression, table="core.transactions"):
        return self.con.execute(f"select {expression} from {table}").fetchall()[0][0]

    def content(self):
        """Hash of all transactions and their number, whichever load brought them."""
        return self.rows(
            "bit_xor(hash(t)), count(*)",
            "(select * exclude (load_id, customer_key) from core.transactions) as t",
        )
