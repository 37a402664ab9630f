"""Alembic's door: the connection is handed in by storage.migrate, the truth about tables is storage.tables."""

from alembic import context

import storage.tables  # noqa: F401  # fills the metadata
from storage.columns import Table
from storage.migrations.compared import is_ours

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727001)")  # one migration at a time, waited for
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")  # rather fail than stop the running processes
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_name=is_ours,
    transactional_ddl=True,
)
context.run_migrations()
