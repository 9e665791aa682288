"""Compare the walk by lists with those by feeds and by both, on the bundled site and on small sites with feeds in six shapes.

``python -m bench.discovery`` crawls each site once by each value of ``discover`` into an empty database, the bundled site on three days.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args
from urllib.parse import urlsplit

from sqlalchemy import Engine, text

from bench.harness import Parser, copied, exit_code, markdown, scrapy, scratch_server, write_table
from demo.feed_shapes import SHAPES, Shape, serve_shapes
from demo.server import Server, serve
from demo.site import SMALL, Site
from pipelines.storage.embedded.server import EmbeddedServer
from pipelines.storage.schema import migrate
from smartdaily_crawler.crawl.arguments import Discover

MODES: tuple[str, ...] = get_args(Discover)
DAYS = 3
ARTICLES = text("SELECT url, title, published_on FROM api.article WHERE state = 'fetched'")

Truth = dict[str, tuple[str | None, date | None]]
"""Title and day by path."""


@dataclass(frozen=True)
class Found:
    """What a walk stored of a site."""

    right: int
    """Articles with their title and day."""
    wrong: int
    """Articles with another title or day, and pages that are no articles."""
    requests: int

    def cell(self, of: int) -> str:
        return f"{self.right} of {of}, {self.wrong} wrong, {self.requests} requests"


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("discovery", __doc__, small="one shape only")
    options = parser.parse_args(arguments)
    write = options.write and not options.small
    if write:
        parser.check_page(options.write, "discovery")
    shapes = SHAPES[:1] if options.small else SHAPES
    rows: list[Sequence[str]] = []
    with scratch_server(None, fsync=False) as storage:
        for shape in shapes:
            rows.append((shape.name, *(_of_shape(storage, shape, mode) for mode in MODES)))
            print(*rows[-1], sep=" | ", flush=True)
        if not options.small:
            days = [_of_bundled(storage, mode) for mode in MODES]
            rows += [(f"Bundled site, day {day}", *cells) for day, cells in enumerate(zip(*days, strict=True), 1)]
    table = markdown(("site", *(f"`discover={mode}`" for mode in MODES)), rows)
    print(f"\n{table}")
    if write:
        write_table(options.write, "discovery", table)
    return exit_code([])


def _of_shape(storage: EmbeddedServer, shape: Shape, mode: str) -> str:
    with copied(storage, "shape") as engine, serve_shapes(shape) as (site, server):
        migrate.upgrade(engine)
        truth: Truth = {article.path: (article.title, article.published.date()) for article in site.articles}
        return _crawl(engine, server, mode, truth).cell(len(truth))


def _of_bundled(storage: EmbeddedServer, mode: str) -> Iterable[str]:
    """Return what is stored after each day; on the first one the walk is the only source of all earlier articles."""
    cells = []
    with copied(storage, "bundled") as engine, serve(Site(day=1, categories=SMALL)) as server:
        migrate.upgrade(engine)
        for day in range(1, DAYS + 1):
            server.site = Site(day=day, categories=SMALL)
            # Which edits a later walk has read is a matter of the revisit schedule: the articles of the day are compared.
            new = server.site.changes().new
            live = {article.path: article for article in server.site.truth().articles}
            truth: Truth = {path: (live[path].title, live[path].published_on) for path in new}
            cells.append(_crawl(engine, server, mode, truth, {*live, *server.site.truth().gone}).cell(len(truth)))
    return cells


def _crawl(engine: Engine, server: Server, mode: str, truth: Truth, others: Iterable[str] = ()) -> Found:
    """Walk a site; compare what is stored with *truth*.

    :param others: paths of articles that are not compared.
    """
    server.log.clear()
    scrapy(
        "crawl", "smartdaily", "-a", f"discover={mode}", engine=engine, SITE_URL=server.url, LOG_LEVEL="CRITICAL"
    ).wait()
    with engine.connect() as connection:
        stored = {urlsplit(row.url).path: (row.title, row.published_on) for row in connection.execute(ARTICLES)}
    right = sum(stored.get(path) == value for path, value in truth.items())
    compared = sum(path in truth or path not in set(others) for path in stored)
    return Found(right, compared - right, len(server.log))


if __name__ == "__main__":
    sys.exit(main())
