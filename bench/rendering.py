"""Measure the cost of rendering: crawls of the bundled site without a renderer, by Splash and by Chromium; and ways to wait for content.

``python -m bench.rendering`` crawls the same day by plain HTTP, in a skin with all content in its HTML, and with each renderer,
in a skin that needs scripts. It starts its own Splash; renderers that are not installed are named and left out.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from datetime import UTC, datetime

from bench.harness import NONE, Parser, exit_code, markdown, scratch_server, short, write_table
from bench.rendering_bodies import Bodies, count, ways
from bench.rendering_crawls import SPLASH, WAYS, Crawl, Rows, crawl, true_rows
from demo.server import serve
from demo.site import Site
from renderers.servers import NoSplashError, running_splash
from smartdaily_crawler.rendering.choice import NoRendererError
from smartdaily_crawler.settings import CHROMIUM

DAY = 2
PAGES, FEW = 200, 20
DAY_OF_BODIES = 3
"""The first day with so many articles. The newest one requests its content 1.5 s late."""


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("rendering", __doc__, small="the first list page of one category, and fewer bodies")
    parser.add_argument("--day", type=int, default=DAY, help="day of the bundled site (default: %(default)s)")
    options = parser.parse_args(arguments)
    if write := options.write and not options.small:
        parser.check_page(options.write, "rendering", "bodies")
    crawls, missing = crawl_all(options.day, small=options.small)
    expected = crawls[0].rows if options.small else true_rows(Site(day=options.day).truth())
    tables = {"rendering": crawl_table(crawls, expected)}
    if not any("Splash" in line for line in missing):
        tables["bodies"] = body_table(count_bodies(FEW if options.small else PAGES))
    print("", *tables.values(), sep="\n\n")
    exit_code(missing)
    if write and not missing:
        for name, table in tables.items():
            write_table(options.write, name, table)
    wrong = [each.way.name for each in crawls if each.verdict != "healthy" or each.rows != expected]
    return exit_code(f"missed: {name} does not store the content of the site" for name in wrong)


def crawl_all(day: int, *, small: bool) -> tuple[list[Crawl], list[str]]:
    """Return the crawls, and a line for each that was left out as its renderer is missing."""
    crawls, missing = [], []
    with scratch_server(None, fsync=False) as storage, serve(Site(day=day)) as site:
        arguments = ["-a", "mode=full"]
        if small:
            name, _ = site.site.truth().categories[0]
            arguments += ["-a", f"categories={name}", "-a", "max_pages=1", "-a", "follow_teasers=false"]
        for way in WAYS:
            try:
                done = crawl(way, site, storage, day, arguments)
            except (NoSplashError, NoRendererError) as error:
                missing.append(f"left out, {way.name}: {error}")
                continue
            crawls.append(done)
            print(f"{way.name}: {done.verdict}, {done.seconds:.1f} s, {done.rendered} rendered", flush=True)
    return crawls, missing


def count_bodies(pages: int) -> list[Bodies]:
    found = []
    with serve(Site(day=DAY_OF_BODIES, skin="scripted")) as site, running_splash(*SPLASH) as splash:
        articles = sorted(site.site.truth().articles, key=lambda each: each.published_on)[-pages:]
        for name, show in ways(splash.url).items():
            found.append(asyncio.run(count(name, show, site.url, articles)))
            print(f"{name}: {found[-1].shown} of {found[-1].pages}", flush=True)
    return found


def crawl_table(crawls: list[Crawl], expected: Rows) -> str:
    head = f"{datetime.now(UTC):%Y-%m-%d}, {crawls[-1].setting}, Splash 3.5, {_chromium()}"
    columns = [_cells(each, expected) for each in crawls]
    rows = [[name, *(cells[name] for cells in columns)] for name in columns[0]]
    return markdown([head, *(each.way.name for each in crawls)], rows)


def _cells(done: Crawl, expected: Rows) -> dict[str, str]:
    articles, teasers = done.rows.shares(expected)
    of_renderer = {
        "renderings retried": short(done.retried),
        "renderer, peak RSS": f"{done.peaks.renderer.rss:,.0f} MB",
        "renderer, peak PSS (shared memory counted once)": f"{done.peaks.renderer.pss:,.0f} MB",
    }
    cells = {
        "skin, `render`": f"{done.way.skin}, `{done.way.render}`",
        "pages requested": short(done.requests["document"]),
        "data requested by their scripts": short(done.requests["data"]),
        "pages rendered": short(done.rendered),
        "renderings retried": "",
        "lists and articles with an outcome": short(done.outcomes),
        "seconds": short(done.seconds),
        "lists and articles per second": short(done.outcomes / done.seconds),
        "seconds per rendered page": short(done.rendering / done.rendered) if done.rendered else NONE,
        "crawler, peak RSS": f"{done.peaks.crawler.rss:,.0f} MB",
        "renderer, peak RSS": "",
        "renderer, peak PSS (shared memory counted once)": "",
        "articles equal to the site's": articles,
        "teasers equal to the site's": teasers,
    }
    return {name: value or (of_renderer[name] if done.way.by else NONE) for name, value in cells.items()}


def body_table(found: list[Bodies]) -> str:
    rows = [(each.way, f"{each.shown} of {each.pages}", short(each.seconds / each.pages)) for each in found]
    return markdown(("request to Splash", "bodies returned", "seconds per page"), rows)


def _chromium() -> str:
    if not CHROMIUM or not shutil.which(CHROMIUM):
        return "no Chromium"
    answer = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=False).stdout
    return " ".join(answer.split()[:2])


if __name__ == "__main__":
    sys.exit(main())
