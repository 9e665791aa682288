"""The role of those who read schema ``api``: its grants, and the settings of its sessions.

The role belongs to the whole cluster, and may be made or lost at any time, so each upgrade provides it anew.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipelines.storage.db.errors import one_line, reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

logger = logging.getLogger(__name__)

READER = "smartdaily_reader"
GRANTS = (f"GRANT USAGE ON SCHEMA api TO {READER}", f"GRANT SELECT ON ALL TABLES IN SCHEMA api TO {READER}")
SETTINGS = {
    "search_path": "api",
    # An expensive query, or a forgotten transaction, delays migrations and the change feed.
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
}
"""Settings of its sessions, and of those of its members, which do not inherit them."""
ZONE = "Asia/Shanghai"
"""Time zone of its sessions until there is a site."""

_ZONE = text("SELECT timezone FROM crawl.site GROUP BY timezone ORDER BY count(*) DESC, timezone LIMIT 1")
_PRESENT = text("SELECT true FROM pg_roles WHERE rolname = :name")
_ROLES = text("""
    SELECT quote_ident(r.rolname) AS name, quote_ident(current_database()) AS database, coalesce((
        SELECT s.setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE s.setrole = r.oid AND d.datname = current_database()
    ), '{}') AS given
    FROM pg_roles r
    WHERE r.rolname = :name OR (r.rolcanlogin AND NOT r.rolsuper AND EXISTS (
        SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid AND g.rolname = :name WHERE m.member = r.oid
    ))
    ORDER BY r.rolname
""")
_UNREADABLE = text("""
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = to_regnamespace('api') AND c.relkind = 'v'
      AND NOT (has_schema_privilege(:name, c.relnamespace, 'USAGE') AND has_table_privilege(:name, c.oid, 'SELECT'))
    ORDER BY c.relname
""")


def provide(engine: Engine) -> None:
    """Create the role unless it exists, grant it the views, and set up its sessions; log a warning for what the database refuses."""
    with one_line(), engine.begin() as connection:
        if not connection.scalar(_PRESENT, {"name": READER}):
            _run(connection, [f"CREATE ROLE {READER} NOLOGIN"])
        if connection.scalar(_PRESENT, {"name": READER}):
            _run(connection, GRANTS)
            _set_up_sessions(connection)


def unreadable(connection: Connection) -> list[str] | None:
    """Return the views that the role may not read; ``None`` if there is no such role."""
    if not connection.scalar(_PRESENT, {"name": READER}):
        return None
    return list(connection.scalars(_UNREADABLE, {"name": READER}))


def _set_up_sessions(connection: Connection) -> None:
    """Set what the roles have not set for this database; an administrator may have chosen otherwise."""
    settings = {**SETTINGS, "timezone": connection.scalar(_ZONE) or ZONE}
    for role in connection.execute(_ROLES, {"name": READER}).all():
        given = dict(entry.split("=", 1) for entry in role.given)
        given = {name.lower(): value for name, value in given.items() if value != ZONE}
        lacking = {name: value for name, value in settings.items() if name not in given}
        alter = f"ALTER ROLE {role.name} IN DATABASE {role.database} SET"
        _run(connection, [f"{alter} {name} = '{value}'" for name, value in lacking.items()])


def _run(connection: Connection, statements: Iterable[str]) -> None:
    """Run all of the statements or, where the database refuses one, none: not every user of a managed server has the right."""
    try:
        with connection.begin_nested():
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        # Another database of the cluster may be migrated right now, and have made the role.
        if not (statement.startswith("CREATE ROLE") and connection.scalar(_PRESENT, {"name": READER})):
            logger.warning("%s: %s. docs/schema.md has the statements for an administrator", statement, reason(error))
