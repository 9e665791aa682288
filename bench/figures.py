"""Figures as they are found out, each with its bound: printed, and kept as a table for a page of the docs."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text

NO_BOUND = 1e9


@dataclass
class Report:
    """Lines as they are found out; a figure that misses its bound fails the bench."""

    missed: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    setting: str = ""

    def line(
        self, name: str, value: float, unit: str = "", *, least: float = 0.0, most: float = NO_BOUND
    ) -> None:
        kept = least <= value <= most
        bound = f"at least {least:g}" if least else f"at most {most:g}" if most < NO_BOUND else ""
        said = f"  ({bound})" if bound else ""
        print(f"{name:<58} {value:12,.3f} {unit:<6}{said}{'' if kept else '  MISSED'}", flush=True)
        self.rows.append(f"| {name} | {short(value)}{unit and f' {unit}'} | {bound} |")
        if not kept:
            self.missed.append(name)


def setting(engine: Engine) -> str:
    """What it was measured with, and how busy the machine was, the bench included."""
    with engine.connect() as connection:
        version = connection.scalar(text("SELECT current_setting('server_version')"))
    return f"PostgreSQL {version}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def write_table(page: Path, name: str, report: Report) -> None:
    """Put the figures between the page's two marks of that name; ``ValueError`` where it has none."""
    head = f"| {datetime.now(UTC):%Y-%m-%d}, {report.setting} | | bound |"
    put(page, name, "\n".join([head, "|---|---:|---|", *report.rows]))


def put(page: Path, name: str, table: str) -> None:
    """Put a table between the page's two marks of that name; ``ValueError`` where it has none."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    said = page.read_text(encoding="utf-8")
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not marked.search(said):
        raise ValueError(f"{page} has no {begin} … {end} to write between")
    page.write_text(marked.sub(lambda _: f"{begin}\n{table}\n{end}", said, count=1), encoding="utf-8")


def short(value: float) -> str:
    """
    >>> short(12345.6), short(12.345), short(0.2513), short(0)
    ('12,346', '12.3', '0.251', '0')
    """
    if value >= 100 or value == int(value):  # noqa: PLR2004 - three digits say enough
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}"  # noqa: PLR2004 - as above
