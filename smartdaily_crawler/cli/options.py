"""Values of options that several commands take. They are checked here: argparse would print its usage too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from smartdaily_crawler.crawl.arguments import ArgumentError


def number_of(option: str, raw: str, most: int = 2**63 - 1) -> int:
    """Return a number from 1 up. Raise ArgumentError."""
    if not raw.isdecimal() or not 0 < int(raw) <= most:
        bound = "from 1 up" if most == 2**63 - 1 else f"from 1 to {most}"
        raise ArgumentError(f"{option} takes a whole number {bound}, not {raw!r}")
    return int(raw)


def since_of(raw: str | None) -> datetime | None:
    """Return the time that ``--since`` names, without a zone unless it has one; ``None`` without the option. Raise ArgumentError."""
    try:
        return datetime.fromisoformat(raw) if raw is not None else None
    except ValueError:
        raise ArgumentError(
            f"--since takes a day or a time, such as 2026-03-06 or 2026-03-06T08:00, not {raw!r}"
        ) from None


def check_site(name: str, known: Collection[str]) -> None:
    """Raise ArgumentError unless the site is one of the *known*."""
    if name not in known:
        raise ArgumentError(f"--site: there is no site {name!r}; the database has: {' '.join(known) or 'none'}")


def spider_arguments(given: Sequence[str]) -> dict[str, str]:
    """Return what ``-a`` names, as texts by name. Raise ArgumentError."""
    if wrong := [each for each in given if "=" not in each]:
        raise ArgumentError(f"-a takes NAME=VALUE, not {wrong[0]!r}")
    return dict(each.split("=", 1) for each in given)
