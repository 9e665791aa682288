"""Which function cleans which field: readings become items."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, MapCompose, TakeFirst

from smartdaily_crawler.extraction.reading import ArticleReading, Found, LinkReading, TeaserReading
from smartdaily_crawler.items import Article, Category, Fetch, Image, Teaser
from smartdaily_crawler.normalize import dates, info_line, text, urls

PARSER_VERSION = "1"
"""Raised when the same page would be read otherwise than before."""


def _address(url: str) -> str | None:
    """The canonical form, or ``None`` where there is none."""
    try:
        return urls.canonicalize(url)
    except ValueError:
        return None


class _Loader(ItemLoader):
    """Values are collected as given and cleaned on the way in."""

    default_output_processor = TakeFirst()


class ArticleLoader(_Loader):
    default_item_class = dict
    title_in = MapCompose(text.clean)
    summary_in = MapCompose(text.clean)
    source_in = author_in = editor_in = MapCompose(info_line.name)
    published_raw_in = source_raw_in = author_raw_in = editor_raw_in = MapCompose(text.clean)
    body_in = categories_in = Compose(text.paragraphs)
    body_out = categories_out = Identity()


class TeaserLoader(_Loader):
    default_item_class = dict
    url_in = image_url_in = MapCompose(_address)
    title_in = summary_in = MapCompose(text.clean)


class ImageLoader(_Loader):
    default_item_class = dict
    url_in = MapCompose(_address)
    caption_in = MapCompose(text.clean)


class CategoryLoader(_Loader):
    default_item_class = dict
    url_in = MapCompose(_address)
    name_in = MapCompose(text.clean)


def load_article(reading: ArticleReading, fetch: Fetch, page_url: str, now: datetime) -> Article:
    """``now`` is the response's clock, timezone-aware; ``page_url`` the address that answered."""
    loader = ArticleLoader()
    for name in ("title", "summary", "source", "author", "editor"):
        found: Found | None = getattr(reading, name)
        loader.add_value(name, found.value if found else None)
    for name in ("published", "source", "author", "editor"):
        found = getattr(reading, name)
        loader.add_value(f"{name}_raw", found.value if found else None)
    loader.add_value("body", reading.body)
    loader.add_value("categories", reading.categories)
    fields = loader.load_item()
    published = dates.parse(reading.published.value, now) if reading.published else dates.NOTHING
    article = Article(
        url=identity(reading.canonical_url, page_url),
        fetch=fetch,
        published_on=published.on,
        published_at=published.at,
        images=load_images(reading),
        teasers=load_teasers(reading.teasers, now),
        parser_version=PARSER_VERSION,
        **fields,
    )
    article.provenance = _provenance(reading, article)
    return article


def identity(canonical: str | None, page_url: str) -> str:
    """The address a page calls canonical, if it is an article's on the same site; else the page's own.

    >>> identity("https://www.example.com/a/1.html", "https://m.example.com/a/1.html?from=x")
    'https://www.example.com/a/1.html'
    >>> identity("https://www.example.com/", "https://www.example.com/a/1.html")
    'https://www.example.com/a/1.html'
    """
    own = urls.canonicalize(page_url)
    claimed = _address(canonical) if canonical else None
    if claimed is None:
        return own
    there, here = urlsplit(claimed), urlsplit(own)
    same_site = urls.registrable(there.netloc) == urls.registrable(here.netloc)
    return claimed if same_site and not (there.path == "/" and not there.query) else own


def load_images(reading: ArticleReading) -> list[Image]:
    return [
        Image(**fields)
        for image in reading.images
        if (fields := _loaded(ImageLoader(), url=image.url, caption=image.caption)).get("url")
    ]


def load_teasers(readings: Iterable[TeaserReading], now: datetime, first: int = 1) -> list[Teaser]:
    """Positions count from ``first`` in each block; a second link to the same article in a block is left out."""
    teasers: dict[tuple[str, str], Teaser] = {}
    positions: dict[str, int] = {}
    for reading in readings:
        fields = _loaded(
            TeaserLoader(),
            url=reading.url,
            title=reading.title,
            summary=reading.summary,
            image_url=reading.image_url,
        )
        key = reading.block, fields.get("url", "")
        if not fields.get("url") or not fields.get("title") or key in teasers:
            continue
        position = positions.get(reading.block, first)
        positions[reading.block] = position + 1
        published_on = dates.parse(reading.published, now).on if reading.published else None
        teasers[key] = Teaser(block=reading.block, position=position, published_on=published_on, **fields)
    return list(teasers.values())


def load_categories(readings: Iterable[LinkReading]) -> list[Category]:
    categories: dict[str, Category] = {}
    for reading in readings:
        fields = _loaded(CategoryLoader(), name=reading.name, url=reading.url)
        if len(fields) == 2 and fields["url"] not in categories:  # noqa: PLR2004
            categories[fields["url"]] = Category(position=len(categories) + 1, **fields)
    return list(categories.values())


def _loaded(loader: ItemLoader, **values: str | None) -> dict[str, Any]:
    for name, value in values.items():
        loader.add_value(name, value)
    fields: dict[str, Any] = loader.load_item()
    return fields


def _provenance(reading: ArticleReading, article: Article) -> dict[str, str]:
    found = {name: getattr(reading, name) for name in ("title", "summary", "source", "author", "editor")}
    provenance: dict[str, str] = {
        name: how.provenance for name, how in found.items() if how and getattr(article, name)
    }
    if reading.published and article.published_on:
        provenance["published"] = reading.published.provenance
    if article.body:
        provenance["body"] = reading.body_provenance
    return provenance
