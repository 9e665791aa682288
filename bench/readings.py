"""The readers that are measured: our own, and its peers in the way that their manuals show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module, metadata
from typing import Any

from smartdaily_crawler.items import Fetch
from smartdaily_crawler.loaders import load_article
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.parsing import dates

CLOCK = datetime(2024, 1, 1, tzinfo=UTC)
TO_THE_MINUTE = "%Y-%m-%d %H:%M"
_TO_THE_SECOND = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Page:
    """A page as every reader gets it."""

    body: bytes
    html: str
    """The body, decoded."""
    url: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a reader says about a page; ``date`` as `YYYY-MM-DD[ HH:MM[:SS]]`."""

    title: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    body: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reader:
    name: str
    fields: frozenset[str]
    """Columns of the table that it has at all."""
    read: Callable[[Page], Reading]
    version: str


def ours(page: Page) -> Reading:
    """From bytes to the cleaned item: decoding is part of it."""
    reading = read_article(Document(decode(page.body, None), page.url))
    fetch = Fetch(url=page.url, kind="article", final_url=page.url, fetched_at=CLOCK)
    article = load_article(reading, fetch, page.url, CLOCK)
    return Reading(
        title=article.title,
        date=printed(article.published_raw),
        source=article.source,
        author=article.author,
        editor=article.editor,
        body="\n".join(article.body),
    )


OURS = Reader(
    name="smartdaily",
    fields=frozenset({"title", "day", "time", "source", "author", "editor", "body"}),
    read=ours,
    version="this checkout",
)


def peers() -> list[Reader]:
    """Those that are installed; they are imported here only."""
    common = frozenset({"title", "day", "time", "author", "body"})
    makers: tuple[tuple[str, str, frozenset[str], Callable[[Any], Callable[[Page], Reading]]], ...] = (
        ("trafilatura", "trafilatura", common, _trafilatura),
        ("trafilatura, fast", "trafilatura", common, lambda module: _trafilatura(module, fast=True)),
        ("newspaper4k", "newspaper", common, _newspaper),
        ("gne", "gne", common, _gne),
        ("htmldate", "htmldate", frozenset({"day", "time"}), _htmldate),
    )
    readers = []
    for name, module, fields, make in makers:
        package = name.partition(",")[0]
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
        readers.append(
            Reader(name=name, fields=fields, read=make(import_module(module)), version=f"{package} {version}")
        )
    return readers


def _trafilatura(module: Any, *, fast: bool = False) -> Callable[[Page], Reading]:
    when = {"original_date": True, "extensive_search": True, "outputformat": TO_THE_MINUTE}

    def read(page: Page) -> Reading:
        found = module.bare_extraction(
            page.html,
            url=page.url,
            fast=fast,
            include_comments=False,
            with_metadata=True,
            date_extraction_params=when,
        )
        if found is None:
            return Reading()
        return Reading(title=found.title, date=found.date, author=found.author, body=found.text)

    return read


def _newspaper(module: Any) -> Callable[[Page], Reading]:
    import_module("jieba").setLogLevel("ERROR")

    def read(page: Page) -> Reading:
        # Without fetch_images=False it asks the network for every picture.
        article = module.Article(page.url, language="zh", fetch_images=False)
        article.download(input_html=page.html)
        article.parse()
        date = article.publish_date
        return Reading(
            title=article.title,
            date=date.strftime(_TO_THE_SECOND) if date else None,
            author="、".join(article.authors),
            body=article.text,
        )

    return read


def _gne(module: Any) -> Callable[[Page], Reading]:
    extractor = module.GeneralNewsExtractor()

    def read(page: Page) -> Reading:
        found = extractor.extract(page.html, host=page.url)
        return Reading(
            title=found["title"],
            date=printed(found["publish_time"]),
            author=found["author"],
            body=found["content"],
        )

    return read


def _htmldate(module: Any) -> Callable[[Page], Reading]:
    def read(page: Page) -> Reading:
        date = module.find_date(page.html, url=page.url, original_date=True, outputformat=TO_THE_MINUTE)
        return Reading(date=date)

    return read


def printed(raw: str | None) -> str | None:
    """A date that stands there in full: one that does not change with the clock.

    >>> printed("2020年3月6日 08:30"), printed("2020-03-06"), printed("昨天 08:30")
    ('2020-03-06 08:30:00', '2020-03-06', None)
    """
    if not raw:
        return None
    here, later = (dates.parse(raw, CLOCK + timedelta(days=days)) for days in (900, 1500))
    if here != later or here.on is None:
        return None
    return here.at.strftime(_TO_THE_SECOND) if here.at else here.on.isoformat()
