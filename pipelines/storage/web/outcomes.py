"""Read the outcomes of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

EXAMPLES = 3
"""Addresses shown for each reason."""

GROUPS = text(f"""
    SELECT kind, outcome, reason, count(*) AS urls, (array_agg(url) FILTER (WHERE reason IS NOT NULL))[1:{EXAMPLES}] AS examples
    FROM api.outcome WHERE run_id = :run_id
    GROUP BY kind, outcome, reason ORDER BY urls DESC, kind, outcome, reason
""")
SLOWEST = text("""
    SELECT url, kind, outcome, elapsed_ms, attempts, renderer FROM api.outcome
    WHERE run_id = :run_id AND elapsed_ms IS NOT NULL ORDER BY elapsed_ms DESC LIMIT :most
""")
PAGE = text("""
    SELECT url, kind, outcome, http_status, reason, attempts, elapsed_ms, at, renderer FROM api.outcome
    WHERE run_id = :run_id AND url > :after AND (CAST(:kind AS text) IS NULL OR kind = :kind)
      AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome) AND (CAST(:reason AS text) IS NULL OR reason = :reason)
    ORDER BY url LIMIT :most
""")


def groups(connection: Connection, run_id: int) -> list[RowMapping]:
    """Return the number of a run's URLs by kind, outcome and reason, the most frequent first, with examples where there is a reason."""
    return list(connection.execute(GROUPS, {"run_id": run_id}).mappings())


def slowest(connection: Connection, run_id: int, most: int) -> list[RowMapping]:
    return list(connection.execute(SLOWEST, {"run_id": run_id, "most": most}).mappings())


def page(
    connection: Connection,
    run_id: int,
    after: str,
    most: int,
    *,
    kind: str | None,
    outcome: str | None,
    reason: str | None,
) -> list[RowMapping]:
    """Return outcomes of a run in the order of their URLs, those after the given URL; ``None`` takes any kind, outcome or reason."""
    values = {"run_id": run_id, "after": after, "most": most, "kind": kind, "outcome": outcome, "reason": reason}
    return list(connection.execute(PAGE, values).mappings())
