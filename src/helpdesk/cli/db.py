"""``helpdesk db``."""

import os
from typing import Annotated

from cyclopts import App, Parameter

from helpdesk.cli.db_clocks import verify_clocks
from helpdesk.cli.db_files import sweep_files
from helpdesk.settings import read
from helpdesk.store.migrations import is_current, upgrade

app = App(name="db", help="The database.")
app.command(verify_clocks)
app.command(sweep_files)


@app.command(name="upgrade")
def upgrade_schema(
    *, url: Annotated[str | None, Parameter(env_var="HELPDESK_DATABASE_URL")] = None, role: str | None = None
) -> None:
    """Bring the database to the newest schema; doing it again changes nothing.

    Parameters
    ----------
    url
        The database. On PostgreSQL: as the owner of the tables. Default: the one that the settings name.
    role
        PostgreSQL: the role under which the service runs. It gets what the service needs and no more.
    """
    address = url or read(os.environ).database_url.reveal()
    upgrade(address, application_role=role)
    print("the schema is the newest" if is_current(address) else "the schema is not the newest")
