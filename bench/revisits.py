"""Measure how much of a fortnight's changes a schedule of revisits holds, and for how many requests.

``python -m bench.revisits`` crawls the bundled site incrementally: once on each of its ten days, and on four days on which it stays as it
is. Between two runs all times in the database are moved back by a day. A change is held if the database shows it at the end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Engine, text

from bench.harness import Parser, copied, execute, exit_code, markdown, scrapy, scratch_server, write_table
from demo.newsroom import DAYS
from demo.server import serve
from demo.site import SMALL, Site
from demo.truth import Truth
from pipelines.storage.schema import migrate
from smartdaily_crawler import settings

QUIET_DAYS = 4
SCHEDULES = {"default": settings.REVISIT_SCHEDULE, "nothing": "", "everything": "30d:0m"}
FIELDS = ("title", "published_on", "source", "author", "editor")
ARTICLES = text(f"SELECT url, body, {', '.join(FIELDS)} FROM api.article WHERE state = 'fetched'")
EDGES = text("SELECT from_url, to_url, removed_at IS NULL FROM api.teaser WHERE block = 'teasers'")
TIMES = text("""
    SELECT format(
        'UPDATE crawl.%I SET %s', table_name, string_agg(format('%1$I = %1$I - interval ''1 day''', column_name), ', ')
    )
    FROM information_schema.columns
    WHERE table_schema = 'crawl' AND data_type = 'timestamp with time zone'
    GROUP BY table_name
""")


@dataclass(frozen=True)
class Fortnight:
    """What a schedule holds at the end."""

    schedule: str
    requests: int
    """Of articles, on the days after the first."""
    edits: float
    """Share of the edited articles that are stored as the site shows them."""
    removed_edges: float
    """Share of the teasers removed from pages that are marked as removed."""

    def row(self) -> tuple[str, ...]:
        return (
            f"`{self.schedule}`" if self.schedule else "empty: nothing is due",
            f"{self.requests:,}",
            f"{self.edits:.0%}",
            f"{self.removed_edges:.0%}",
        )


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("revisits", __doc__, small="two days of a small site, by the default schedule")
    parser.add_argument(
        "--schedule", action="append", help="a REVISIT_SCHEDULE to measure (default: the default one, none, all)"
    )
    options = parser.parse_args(arguments)
    write = options.write and not options.small
    if write:
        parser.check_page(options.write, "revisits")
    schedules = options.schedule or list(SCHEDULES.values())
    site: Callable[..., Site] = Site
    days, quiet = DAYS, QUIET_DAYS
    if options.small:
        site, schedules = partial(Site, categories=SMALL), schedules[:1]
        days, quiet = 2, 0
    found = []
    with scratch_server(None, fsync=False) as storage:
        for schedule in schedules:
            with copied(storage, "fortnight") as engine:
                migrate.upgrade(engine)
                found.append(measure(engine, schedule, site, days, quiet))
            print(*found[-1].row(), sep=" | ", flush=True)
    table = markdown(
        ("`REVISIT_SCHEDULE`", "requests of articles", "edits held", "removed teasers seen"),
        (each.row() for each in found),
    )
    print(f"\n{table}")
    if write:
        write_table(options.write, "revisits", table)
    return exit_code([])


def measure(engine: Engine, schedule: str, site: Callable[..., Site], days: int, quiet: int) -> Fortnight:
    with serve(site(day=1)) as server:
        shown: set[tuple[str, str]] = set()
        edited: set[str] = set()
        requests = 0
        for day in (*range(1, days + 1), *[days] * quiet):
            if day != server.site.day:
                server.site = site(day=day)
                edited |= server.site.changes().edited.keys()
            paths = {article.path for article in server.site.truth().articles}
            server.log.clear()
            scrapy(
                "crawl",
                "smartdaily",
                "-s",
                f"REVISIT_SCHEDULE={schedule}",
                engine=engine,
                SITE_URL=server.url,
                LOG_LEVEL="CRITICAL",
            ).wait()
            if day > 1:
                requests += sum(access.path in paths for access in server.log)
            shown |= edges_of(server.site.truth())
            pass_a_day(engine)
        truth, base = server.site.truth(), server.url.rstrip("/")
    with engine.connect() as connection:
        stored = {row.url.removeprefix(base): row for row in connection.execute(ARTICLES)}
        edges = {(a.removeprefix(base), b.removeprefix(base)): is_shown for a, b, is_shown in connection.execute(EDGES)}
    live = {article.path: article for article in truth.articles}
    edited &= live.keys()
    held = sum(path in stored and is_as_shown(stored[path], live[path]) for path in edited)
    removed = {edge for edge in shown - edges_of(truth) if edge[0] in live}
    seen = sum(not edges.get(edge, False) for edge in removed)
    return Fortnight(schedule, requests, held / max(1, len(edited)), seen / max(1, len(removed)))


def edges_of(truth: Truth) -> set[tuple[str, str]]:
    return {(article.path, teaser.path) for article in truth.articles for teaser in article.teasers}


def is_as_shown(row: Any, article: Any) -> bool:
    same = all(getattr(row, name) == getattr(article, name) for name in FIELDS)
    return same and row.body == "\n\n".join(article.body)


def pass_a_day(engine: Engine) -> None:
    """Move all times in the database back by a day."""
    with engine.connect() as connection:
        statements = list(connection.scalars(TIMES))
    execute(engine, *statements)


if __name__ == "__main__":
    sys.exit(main())
