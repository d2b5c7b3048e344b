"""What SQLite's planner is told of how many rows there will be, instead of what it would guess.

Without statistics it takes ten rows to a company for granted, and reads all that the company has of a table rather than
look up twenty-five rows of it. With statistics of its own its plans would follow the data: others on each installation,
and others after each ANALYZE. So it is told the same everywhere, as SQLite's manual has it for plans that stay
(https://sqlite.org/queryplanner-ng.html): every company's tables are long, and what a key names is short.
"""

from sqlalchemy import Connection, inspect

_LONG = 1_000_000
"""Rows of a table."""
_PART = 20_000
"""Rows under a partial index: what is open, what is waiting."""
_COMPANIES = 20
_NAMED = 20
"""Rows that a company and one thing more name."""


def expect_growth(connection: Connection) -> None:
    """Tell the planner of every index that is led by the company; what it was told before is forgotten."""
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # makes the table of statistics
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table in inspect(connection).get_table_names():
        for _, index, unique, _, partial in connection.exec_driver_sql(f"PRAGMA index_list('{table}')").all():
            columns = [row[2] for row in connection.exec_driver_sql(f"PRAGMA index_info('{index}')")]
            if columns[0] != "tenant_id" or len(columns) == 1:
                continue
            rows = _PART if partial else _LONG
            counts = [rows, rows // _COMPANIES, *[_NAMED] * (len(columns) - 2), 1 if unique else _NAMED]
            told = (table, index, " ".join(map(str, counts)))
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", told)
