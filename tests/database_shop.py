"""A workspace that is loaded from the databases of the tests."""

import duckdb
from database_servers import PASSWORD

from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load
from warehouse.sources.database import Passwords

KNOWN = Passwords({"mysql": PASSWORD, "postgresql": PASSWORD})
SETTINGS = Settings(threads=1, timezone="Europe/Berlin", max_reject_pct=50)


class Shop:
    """A workspace that is loaded from databases and files."""

    def __init__(self, folder):
        self.folder = folder
        self.workspace = Workspace(folder / "workspace")

    def load(self, *sources, **wishes):
        return load(
            self.workspace, SETTINGS, [str(one) for one in sources], passwords=KNOWN, **wishes
        )

    def rows(self, columns, table="core.transactions"):
        database = str(self.workspace.current().database)
        with duckdb.connect(database, read_only=True) as con:
            return con.execute(f"select {columns} from {table} order by all").fetchall()
