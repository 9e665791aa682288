"""Keys of the run that a row belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RunKey:
    """A run and its site, as rows refer to them."""

    run_id: int
    site_id: int
    started_at: datetime
    """By the database's clock."""
