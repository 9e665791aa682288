"""Readers to be compared: our own, and known extractors, called as in their manuals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib import import_module, metadata
from typing import Any

from smartdaily_crawler.items import Fetch
from smartdaily_crawler.loaders import load_article
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.parsing import dates

CLOCK = datetime(2024, 1, 1, tzinfo=UTC)
_TO_THE_MINUTE, _TO_THE_SECOND = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Page:
    """Input of the readers."""

    body: bytes
    html: str
    """Decoded body."""
    url: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Fields found by a reader; ``date`` is `YYYY-MM-DD[ HH:MM[:SS]]`."""

    title: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    body: str | None = None
    rejected: str | None = None
    """Why the page is no article, by readers that tell; the other fields are those that an article would have."""

    @property
    def is_article(self) -> bool:
        return self.rejected is None and bool(self.body)


@dataclass(frozen=True, kw_only=True)
class Reader:
    name: str
    fields: frozenset[str]
    """Columns of the table that the reader can fill."""
    read: Callable[[Page], Reading]
    version: str


def _ours(page: Page) -> Reading:
    """Read a page by our own reader, from bytes to the cleaned item; decoding is included."""
    reading = read_article(Document(decode(page.body, None), page.url))
    fetch = Fetch(url=page.url, kind="article", final_url=page.url, fetched_at=CLOCK)
    article = load_article(reading, fetch, page.url, CLOCK)
    return Reading(
        title=article.title,
        date=absolute_date(article.published_raw),
        source=article.source,
        author=article.author,
        editor=article.editor,
        body="\n".join(article.body),
        rejected=reading.rejected,
    )


def _trafilatura(page: Page, *, fast: bool = False) -> Reading:
    found = import_module("trafilatura").bare_extraction(
        page.html,
        url=page.url,
        fast=fast,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"original_date": True, "extensive_search": True, "outputformat": _TO_THE_MINUTE},
    )
    if found is None:
        return Reading()
    return Reading(title=found.title, date=found.date, author=found.author, body=found.text)


def _newspaper(page: Page) -> Reading:
    import_module("jieba").setLogLevel("ERROR")
    # Without fetch_images=False it would request all pictures.
    article = import_module("newspaper").Article(page.url, language="zh", fetch_images=False)
    article.download(input_html=page.html)
    article.parse()
    date = article.publish_date and article.publish_date.strftime(_TO_THE_SECOND)
    return Reading(title=article.title, date=date, author="、".join(article.authors), body=article.text)


@cache
def _gne_extractor() -> Any:
    return import_module("gne").GeneralNewsExtractor()


def _gne(page: Page) -> Reading:
    found = _gne_extractor().extract(page.html, host=page.url)
    date = absolute_date(found["publish_time"])
    return Reading(title=found["title"], date=date, author=found["author"], body=found["content"])


def _htmldate(page: Page) -> Reading:
    find_date = import_module("htmldate").find_date
    return Reading(date=find_date(page.html, url=page.url, original_date=True, outputformat=_TO_THE_MINUTE))


_PEERS: dict[str, Callable[[Page], Reading]] = {
    "trafilatura": _trafilatura,
    "trafilatura, fast": partial(_trafilatura, fast=True),
    "newspaper4k": _newspaper,
    "gne": _gne,
    "htmldate": _htmldate,
}
"""Readers by package name, with a comma and the options of the call if there are any."""
_FIELDS = frozenset({"title", "day", "time", "author", "body"})
_DATES = frozenset({"day", "time"})
OURS = Reader(name="smartdaily", fields=_FIELDS | {"source", "editor"}, read=_ours, version="this checkout")


def peers() -> list[Reader]:
    """Return the peers whose package is installed."""
    versions = {each.name: each.version for each in metadata.distributions()}
    return [
        Reader(name=name, fields=fields, read=read, version=f"{package} {versions[package]}")
        for name, read in _PEERS.items()
        for package, fields in [(name.partition(",")[0], _DATES if read is _htmldate else _FIELDS)]
        if package in versions
    ]


def absolute_date(raw: str | None) -> str | None:
    """Return a date printed in full as `YYYY-MM-DD[ HH:MM:SS]`; ``None`` for one that depends on the time of reading.

    >>> absolute_date("2020年3月6日 08:30"), absolute_date("2020-03-06"), absolute_date("昨天 08:30")
    ('2020-03-06 08:30:00', '2020-03-06', None)
    """
    if not raw:
        return None
    here, later = (dates.parse(raw, CLOCK + timedelta(days=days)) for days in (900, 1500))
    if here != later or here.on is None:
        return None
    return here.at.strftime(_TO_THE_SECOND) if here.at else here.on.isoformat()
