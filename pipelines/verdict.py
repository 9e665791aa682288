"""How a run went, in one word."""

from __future__ import annotations

from typing import Any, Literal

Verdict = Literal["healthy", "degraded", "failed"]

EXIT_CODES: dict[Verdict, int] = {"healthy": 0, "degraded": 0, "failed": 1}
"""What a process that made a run ends with."""

_SEEN = ("stored", "unchanged", "not_modified", "duplicate")


def judge(stats: dict[str, Any], reason: str) -> Verdict:
    """Judge a run by its statistics and by why it ended.

    ``failed``: it could not go on, our own code broke, or it read no article. ``degraded``: some address failed or was
    rejected, or an operator stopped it.

    >>> judge({"outcome/article/stored": 3}, "finished")
    'healthy'
    >>> judge({"outcome/article/stored": 3, "outcome/listing/failed": 1}, "finished")
    'degraded'
    >>> judge({"outcome/article/stored": 3, "spider_exceptions/count": 1}, "finished")
    'failed'
    >>> judge({"outcome/article/stored": 3}, "storage_unavailable"), judge({}, "finished")
    ('failed', 'failed')
    """
    articles = sum(stats.get(f"outcome/article/{outcome}", 0) for outcome in _SEEN)
    broken = stats.get("spider_exceptions/count") or stats.get("run/complaint")
    if reason not in ("finished", "shutdown") or broken or not articles:
        return "failed"
    troubled = any(
        stats.get(f"outcome/{kind}/{outcome}")
        for kind in ("home", "listing", "article", "part")
        for outcome in ("failed", "rejected")
    )
    return "degraded" if troubled or reason == "shutdown" else "healthy"
