"""Items and runs for the storage tests, with short names and defaults for everything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.write.disappearance import Disappearance, mark_gone
from pipelines.storage.write.runs import start_run
from smartdaily_crawler.items import Article, Category, Fetch, Kind, Listing, Navigation, Outcome, OutcomeName, Teaser

if TYPE_CHECKING:
    from sqlalchemy import Engine

SITE = "http://news.example"
NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)


def url(name: str) -> str:
    return f"{SITE}/{name}.html"


def fetch(name: str, *, minute: int = 0, kind: Kind = "article", final: str | None = None, **more: Any) -> Fetch:
    more = {"status": 200, **more}
    return Fetch(
        url=url(name), kind=kind, final_url=url(final or name), fetched_at=NOON + timedelta(minutes=minute), **more
    )


def article(
    name: str, *, at: str | None = None, final: str | None = None, minute: int = 0, teases: str = "", **more: Any
) -> Article:
    """Return an article whose page names *name* as canonical.

    :param at: name of the URL that was requested; by default *name*.
    :param final: name of the URL that answered, if *at* redirects there for good.
    :param teases: names, separated by spaces.
    """
    given = {
        "title": f"题目 {name}",
        "body": [f"第一段 {name}", "第二段"],
        "published_on": date(2026, 3, 6),
        "parser_version": "1",
        "teasers": [teaser(target, place) for place, target in enumerate(teases.split(), 1)],
    }
    own = final or at or name
    answered = fetch(at or name, final=own, minute=minute)
    answered.redirect = "permanent" if final and final != (at or name) else None
    return Article(url=url(own), canonical=None if own == name else url(name), fetch=answered, **{**given, **more})


def teaser(name: str, position: int = 1, **more: Any) -> Teaser:
    return Teaser(url=url(name), position=position, **{"title": f"题目 {name}", "summary": "摘要…", **more})


def listing(category: str, entries: str, *, page: int = 1, minute: int = 0) -> Listing:
    shown = [teaser(name, place, block="entries") for place, name in enumerate(entries.split(), 1)]
    address = fetch(f"{category}-{page}", minute=minute, kind="listing")
    return Listing(fetch=address, category=category, page=page, entries=shown)


def navigation(*names: str, minute: int = 0) -> Navigation:
    shown = [Category(name=name, url=url(f"{name}-1"), position=place) for place, name in enumerate(names, 1)]
    return Navigation(fetch=fetch("", minute=minute, kind="home"), categories=shown)


def outcome(name: str, what: OutcomeName, *, alias_of: str | None = None, minute: int = 0, **more: Any) -> Outcome:
    return Outcome(fetch=fetch(name, minute=minute, **more), outcome=what, alias_of=url(alias_of) if alias_of else None)


def new_run(engine: Engine, *, site: str = "smartdaily") -> RunKey:
    return start_run(
        engine,
        spider="smartdaily",
        site=site,
        base_url=SITE,
        timezone="Asia/Shanghai",
        job=None,
        version="0.1.0",
        arguments={"max_pages": 2},
    )


def end(engine: Engine, run: RunKey) -> Disappearance:
    """Decide what is gone, as the end of a run does."""
    with engine.begin() as connection:
        return mark_gone(connection, run)


def read(engine: Engine, query: str, **values: Any) -> list[Any]:
    """Return the rows; plain values where they have one column."""
    with engine.connect() as connection:
        rows = connection.execute(text(query), values).all()
    return [row[0] if len(row) == 1 else tuple(row) for row in rows]


def short(address: str) -> str:
    return address.removeprefix(f"{SITE}/").removesuffix(".html")


def edges(engine: Engine, *, removed: bool = False) -> set[tuple[str, str]]:
    found = read(
        engine, "SELECT from_url, to_url FROM api.teaser WHERE (removed_at IS NOT NULL) = :removed", removed=removed
    )
    return {(short(start), short(end)) for start, end in found}


def states(engine: Engine) -> dict[str, str]:
    return {short(address): state for address, state in read(engine, "SELECT url, state FROM api.article")}
