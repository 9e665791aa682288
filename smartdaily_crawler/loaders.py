"""Make items of readings: one cleaning function per field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import urlsplit

from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, MapCompose, TakeFirst

from smartdaily_crawler.cleaning import text, urls
from smartdaily_crawler.items import Article, Category, Fetch, Image, Teaser
from smartdaily_crawler.pages.reading import BY_RULE, ArticleReading, ExtractedValue, LinkReading, TeaserReading
from smartdaily_crawler.parsing import dates, info_line
from smartdaily_crawler.parsing.dates import Published

PARSER_VERSION = "1"
"""Version of the reading; a release that reads a page differently increments it, and stored pages are read again."""


class ArticleLoader(ItemLoader):
    """Loader whose input processors clean the values."""

    default_item_class = dict
    default_output_processor = TakeFirst()
    title_in = summary_in = MapCompose(text.clean)
    source_in = MapCompose(info_line.name)
    author_in = editor_in = MapCompose(info_line.person)
    published_raw_in = updated_raw_in = source_raw_in = author_raw_in = editor_raw_in = MapCompose(text.clean)
    body_in = categories_in = Compose(text.paragraphs)
    body_out = categories_out = Identity()


_CLEANED = ("title", "summary", "source", "author", "editor")
"""Fields of one string; dates are parsed, lists have their own functions."""


def load_article(
    reading: ArticleReading,
    fetch: Fetch,
    page_url: str,
    now: datetime,
    zone: tzinfo = dates.SHANGHAI,
    *,
    listed_on: date | None = None,
) -> Article:
    """Return the item of a page.

    :param page_url: the address that answered.
    :param now: the response's clock, timezone-aware.
    :param zone: of the times that the page prints.
    :param listed_on: day that the list which led to the page shows; it counts where the page has no readable date, and gives
        the year to one that is printed without.
    """
    found: dict[str, ExtractedValue | None] = {
        field.name: getattr(reading, field.name.removesuffix("_raw"))
        for field in fields(Article)
        if field.name in _CLEANED or field.name.endswith("_raw")
    }
    loader = ArticleLoader()
    for name, extracted in found.items():
        loader.add_value(name, extracted.value if extracted else None)
    loader.add_value("body", reading.body)
    loader.add_value("categories", reading.categories)
    raw = reading.published.value if reading.published else ""
    shown = dates.parse(raw, now, zone)
    published = _completed(raw, shown, listed_on, zone) if listed_on else shown
    updated = dates.parse(reading.updated.value, now, zone) if reading.updated else dates.NOTHING
    article = Article(
        url=urls.canonicalize(page_url),
        canonical=canonical_claim(reading.canonical_url, page_url),
        fetch=fetch,
        published_on=published.on,
        published_at=published.at,
        updated_at=updated.at,
        teasers=load_teasers(reading.teasers, now, zone=zone),
        parser_version=PARSER_VERSION,
        **(_believed(found) | loader.load_item()),
    )
    article.images = load_images(reading, article.body)
    article.provenance = _provenance(reading, article)
    if published != shown:
        article.provenance["published"] = "list"
    return article


_DAY = timedelta(days=1)


def _completed(raw: str, shown: Published, listed_on: date, zone: tzinfo) -> Published:
    """Return the date of a page, or the day of the list if it is none, or the same day of another year than that.

    :param raw: the date as printed, and *shown* as it is read; empty if none is printed.
    """
    is_year_guessed = dates.month_and_day(raw) is not None and not dates.has_year(raw)
    if shown.on is not None and not (
        is_year_guessed
        and shown.on.year != listed_on.year
        and (shown.on.month, shown.on.day) == (listed_on.month, listed_on.day)
    ):
        return shown
    # Read by the clock of that day a date without its year is of that year, and has its time of day.
    then = dates.parse(raw, datetime.combine(listed_on + _DAY, time(), zone), zone)
    return then if then.on == listed_on else Published(listed_on, None)


def _believed(found: dict[str, ExtractedValue | None]) -> dict[str, str | None]:
    """Return the names that a site's rule finds, as they are: cleaning may take them for none."""
    names = {name: found[name] for name in ("source", "author", "editor")}
    return {name: text.clean(each.value) for name, each in names.items() if each and each.provenance in BY_RULE}


def canonical_claim(canonical: str | None, page_url: str) -> str | None:
    """Return the canonical form of a page's canonical URL, if it is another page of the site that may be an article.

    :param canonical: as the page has it, absolute; ``None`` where it has none.
    :param page_url: the URL that answered.

    Some sites name their front page or a section as canonical on every article: such a claim is not worth a request.

    >>> canonical_claim("https://www.example.com/a/1.html", "https://m.example.com/a/1.html?from=x")
    'https://www.example.com/a/1.html'
    >>> canonical_claim("https://www.example.com/a/", "https://www.example.com/a/1.html")
    """
    own = urls.canonicalize(page_url)
    claimed = urls.canonical_or_none(canonical)
    if claimed is None or urls.page_name(claimed) == urls.page_name(own):
        return None
    there, here = urlsplit(claimed), urlsplit(own)
    same_site = urls.have_one_owner(there.netloc, here.netloc)
    return claimed if same_site and (there.query or not _is_section(there.path, here.path)) else None


def _is_section(path: str, article: str) -> bool:
    """Return whether a path is the front page's, a directory above an article, or named like a section.

    >>> [_is_section(path, "/news/2026/7.html") for path in ("/", "/news/", "/tech", "/news/2026/7/", "/why-it-matters/")]
    [True, True, True, False, False]
    """
    path = re.sub(r"(?<=/)(?:index|default)\.\w+$", "", path)
    name = path.rstrip("/").rpartition("/")[2]
    return (path.endswith("/") and article != path and article.startswith(path)) or not re.search(r"[\d.%-]", name)


# Teasers, pictures and categories come by the hundred, and a loader for each would take longer than reading the page.


def load_images(reading: ArticleReading, body: list[str]) -> list[Image]:
    """Return the pictures that have a valid URL.

    :param body: the paragraphs that cleaning has left of the reading's.
    """

    def place(before: int | None) -> int | None:
        is_same = before is None or len(body) == len(reading.body)
        return before if is_same else len(text.paragraphs(reading.body[:before]))

    return [
        Image(url=url, caption=_text(image.caption), paragraph=place(image.paragraph))
        for image in reading.images
        if (url := urls.canonical_or_none(image.url)) is not None
    ]


def load_teasers(
    readings: Iterable[TeaserReading], now: datetime, first: int = 1, zone: tzinfo = dates.SHANGHAI
) -> list[Teaser]:
    """Return teasers without invalid URLs and without a second link to an article in a block.

    :param first: position of the first teaser of each block.
    """
    teasers: dict[tuple[str, str], Teaser] = {}
    positions: dict[str, int] = {}
    for reading in readings:
        url, title = urls.canonical_or_none(reading.url), text.clean(reading.title)
        if url is None or title is None or (reading.block, url) in teasers:
            continue
        position = positions.get(reading.block, first)
        positions[reading.block] = position + 1
        teasers[reading.block, url] = Teaser(
            url=url,
            position=position,
            block=reading.block,
            title=title,
            summary=_text(reading.summary),
            published_on=dates.parse(reading.published, now, zone).on if reading.published else None,
            image_url=urls.canonical_or_none(reading.image_url),
        )
    return list(teasers.values())


def load_categories(readings: Iterable[LinkReading]) -> list[Category]:
    """Return the categories with a valid URL, each once, in the order of the navigation."""
    categories: dict[str, Category] = {}
    for reading in readings:
        url, name = urls.canonical_or_none(reading.url), text.clean(reading.name)
        if url is not None and name is not None and url not in categories:
            categories[url] = Category(name=name, url=url, position=len(categories) + 1)
    return list(categories.values())


def _text(value: str | None) -> str | None:
    return text.clean(value) if value else None


def _provenance(reading: ArticleReading, article: Article) -> dict[str, str]:
    found = {name: getattr(reading, name) for name in _CLEANED}
    provenance: dict[str, str] = {name: how.provenance for name, how in found.items() if how and getattr(article, name)}
    if reading.published and article.published_on:
        provenance["published"] = reading.published.provenance
    if reading.updated and article.updated_at:
        provenance["updated"] = reading.updated.provenance
    if article.body:
        provenance["body"] = reading.body_provenance
    return provenance
