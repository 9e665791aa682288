"""Crawl the bundled site during outages of the site itself, and compare the database afterwards with that of a site that was always well.

``python -m bench.outages`` crawls day 1 in full, then during one and during three runs of each outage, then twice while the site is
well. The articles, revisions and teasers of the last run have to be those of the first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Engine, text

from bench.harness import Parser, copied, exit_code, markdown, scrapy, scratch_server, write_table
from demo.page import Page
from demo.server import serve
from demo.site import SMALL, Site
from demo.stories import CATEGORIES
from pipelines.storage.schema import migrate

RUNS = (1, 3)
WELL_RUNS = 2
# A notice at a URL of its own is a page of the site as long as it is there.
ROWS = {
    "articles": text("""
        SELECT url, state, title, published_on, published_at, source, author, editor, body, categories, revision FROM api.article
        WHERE url NOT LIKE '%/notice.html'
    """),
    "teasers": text("SELECT from_article_id, to_article_id, block, title FROM api.teaser WHERE removed_at IS NULL"),
    "revisions": text(
        "SELECT article_id, r.revision FROM api.revision r JOIN api.article a USING (article_id) WHERE a.url NOT LIKE '%/notice.html'"
    ),
}
LAST_RUN = text("SELECT verdict, stats -> 'run/reasons' AS reasons FROM api.run ORDER BY run_id DESC LIMIT 1")


def html(title: str, content: str) -> Page:
    return Page(200, f"<!doctype html><meta charset=utf-8><title>{title}</title><body>{content}".encode())


def notice() -> Page:
    return html(
        "系统维护公告",
        "<h1>系统维护公告</h1><p>2026年3月1日 来源：本站</p>"
        "<p>为了给读者更快更稳的服务，机房今晚进行设备更换，期间页面暂时无法访问，已经排队的请求会在完成后继续处理。</p>"
        "<p>维护预计持续数小时，具体时间以实际进度为准，给您带来不便敬请谅解，感谢您一直以来的支持与陪伴。</p>",
    )


def in_english(path: str) -> Page:
    name = "".join(letter for letter in path if letter.isalnum())
    paragraph = (
        f"Engineers at the {name} laboratory reported on Monday that the new design passed every trial of the season. "
    )
    return html(
        f"Report {name}", f"<h1>Report {name}</h1><p>2026-03-01 12:00 Source: Desk</p>" + f"<p>{paragraph * 3}</p>" * 3
    )


def empty_list(site: Site) -> Page:
    links = "".join(f"<a href={path}>{name}</a>" for name, path in site.truth().categories)
    return html("栏目", f"<nav>{links}</nav><div>暂无内容</div>")


class OutageSite(Site):
    """The bundled site, which answers as ``outage`` says while that is set."""

    def __init__(self, *, categories: int = len(CATEGORIES)) -> None:
        super().__init__(day=1, categories=categories)
        truth = self.truth()
        self.article_paths = {article.path for article in truth.articles}
        self.third = set(sorted(self.article_paths)[::3])
        self.list_paths = {path for _, path in truth.categories}
        self.outage: Callable[[OutageSite, str], Page | None] | None = None

    def render(self, path: str) -> Page:
        answer = self.outage(self, path.partition("?")[0]) if self.outage and path != "/robots.txt" else None
        return answer or super().render(path)


Answer = Callable[[OutageSite, str], Page | None]
"""The page at a path during an outage; ``None`` for the usual one."""


def of_articles(answer: Callable[[str], Page]) -> Answer:
    return lambda site, path: answer(path) if path in site.article_paths else None


OUTAGES: dict[str, Answer] = {
    "404 for every article": of_articles(lambda _: Page(404)),
    "404 for a third of the articles": lambda site, path: Page(404) if path in site.third else None,
    "a notice with status 200 for every article": of_articles(lambda _: notice()),
    "a notice with status 200 for every page": lambda *_: notice(),
    "a captcha for every article": of_articles(lambda _: html("安全验证", "<p>请完成下方的滑块验证后继续访问</p>")),
    "every article redirects to the home page": of_articles(lambda _: Page(302, location="/")),
    "every article redirects for good to the home page": of_articles(lambda _: Page(301, location="/")),
    "every article redirects to a notice": lambda site, path: (
        notice()
        if path == "/notice.html"
        else Page(302, location="/notice.html")
        if path in site.article_paths
        else None
    ),
    "empty lists": lambda site, path: empty_list(site) if path in site.list_paths else None,
    "every article in English": of_articles(in_english),
    "503 for every page": lambda *_: Page(503),
}


@dataclass
class Trial:
    """What a number of runs during an outage told, and what was lost or wrong after it."""

    outage: str
    runs: int
    verdicts: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    """Of the last run during the outage."""
    lost: dict[str, int] = field(default_factory=dict)
    """Rows of the first run that the last one does not have, by name of ``ROWS``."""
    wrong: dict[str, int] = field(default_factory=dict)
    """Rows of the last run that the first one does not have."""
    well: str = ""
    """Verdict of the last run."""

    @property
    def faults(self) -> list[str]:
        name = f"{self.outage}, {self.runs} run{'s' * (self.runs > 1)}"
        faults = [f"{name}: {count} {rows} lost" for rows, count in self.lost.items() if count]
        faults += [f"{name}: {count} {rows} wrong" for rows, count in self.wrong.items() if count]
        if "healthy" in self.verdicts:
            faults.append(f"{name}: the outage was called healthy")
        if self.well != "healthy":
            faults.append(f"{name}: the last run, of the site as it was, is {self.well}")
        return faults

    def row(self) -> tuple[str, ...]:
        lost, wrong = sum(self.lost.values()), sum(self.wrong.values())
        return (
            self.outage,
            str(self.runs),
            self.verdicts[-1],
            "; ".join(self.reasons),
            str(lost),
            str(wrong),
            self.well,
        )


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("outages", __doc__, small="one run of the first outage, on a small site")
    parser.add_argument("--only", metavar="WORDS", default="", help="outages whose name contains these words")
    options = parser.parse_args(arguments)
    write = options.write and not options.small
    if write:
        parser.check_page(options.write, "outages")
    names = [name for name in OUTAGES if options.only in name]
    small = measure(OutageSite(categories=SMALL), names[:1], RUNS[:1])
    trials = list(small if options.small else measure(OutageSite(), names, RUNS))
    head = ("outage", "runs", "verdict", "reasons", "rows lost", "rows wrong", "verdict when well")
    table = markdown(head, (trial.row() for trial in trials))
    print(f"\n{table}")
    if write:
        write_table(options.write, "outages", table)
    return exit_code(fault for trial in trials for fault in trial.faults)


def measure(site: OutageSite, names: list[str], runs: tuple[int, ...]) -> Iterator[Trial]:
    with scratch_server(None, fsync=False) as storage, serve(site) as server:
        with copied(storage, "before") as engine:
            migrate.upgrade(engine)
            crawl(engine, server.url)
            before = stored(engine)
        for name in names:
            for times in runs:
                trial = Trial(name, times)
                with copied(storage, "after", template="before") as engine:
                    try_outage(engine, server.url, site, trial)
                    after = stored(engine)
                trial.lost = {rows: len(before[rows] - after[rows]) for rows in ROWS}
                trial.wrong = {rows: len(after[rows] - before[rows]) for rows in ROWS}
                print(*trial.row(), sep=" | ", flush=True)
                yield trial


def try_outage(engine: Engine, url: str, site: OutageSite, trial: Trial) -> None:
    """Crawl during the outage, and afterwards; fill the trial's verdicts."""
    site.outage = OUTAGES[trial.outage]
    for _ in range(trial.runs):
        verdict, trial.reasons = crawl(engine, url)
        trial.verdicts.append(verdict)
    site.outage = None
    for _ in range(WELL_RUNS):
        trial.well, _ = crawl(engine, url)


def crawl(engine: Engine, url: str) -> tuple[str, list[str]]:
    """Crawl the site in full. Return verdict and reasons."""
    quick = ("-s", "RETRY_TIMES=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "DOWNLOAD_DELAY=0")
    scrapy("crawl", "smartdaily", "-a", "mode=full", *quick, engine=engine, SITE_URL=url, LOG_LEVEL="CRITICAL").wait()
    with engine.connect() as connection:
        run = connection.execute(LAST_RUN).one()
    return run.verdict, [reason.removeprefix(f"{url}: ") for reason in run.reasons]


def stored(engine: Engine) -> dict[str, set[str]]:
    with engine.connect() as connection:
        return {name: set(map(repr, connection.execute(statement))) for name, statement in ROWS.items()}


if __name__ == "__main__":
    sys.exit(main())
