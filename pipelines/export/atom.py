"""The newest articles of a category as an Atom feed (RFC 4287)."""

from __future__ import annotations

from datetime import datetime, time
from html import escape
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_DNS, uuid5
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.builder import ElementMaker

from pipelines.export.errors import RefusedError
from pipelines.export.xml import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.storage.read.tables import Snapshot

_ATOM = "http://www.w3.org/2005/Atom"
_E = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})


def atom(snapshot: Snapshot, category: str, *, site: str | None, most: int, address: str | None) -> tuple[bytes, int]:
    """Return the feed as a document, and the number of its entries. Raise RefusedError for an unknown category.

    :param site: only articles of this site; ``None``: of all.
    :param address: URL at which the feed is served.
    """
    pages = snapshot.category_pages(category, site)
    if not pages:
        of_site = f" on {site}" if site else ""
        raise RefusedError(
            f"--category: there is no category {category!r}{of_site}; "
            f"the database has: {' '.join(snapshot.categories()) or 'none'}"
        )
    articles = snapshot.newest(category, site, most)
    sites = [page["site"] for page in pages]
    updated = max([_updated(article) for article in articles] or [_local(page, "last_seen_at") for page in pages])
    feed = _E.feed(
        _E.id(_urn(" ".join(sites), f"category {category}")),
        _E.title(clean(f"{category} – {', '.join(sites)}")),
        _E.updated(_printed(updated)),
        _E.author(_E.name(", ".join(sites))),
        *(_E.link(rel="alternate", type="text/html", href=page["url"]) for page in pages if len(pages) == 1),
        *([_E.link(rel="self", type="application/atom+xml", href=address)] if address else []),
        *(_entry(article) for article in articles),
    )
    return etree.tostring(feed, encoding="utf-8", xml_declaration=True, pretty_print=True), len(articles)


def _entry(article: Mapping[str, Any]) -> Any:
    zone = ZoneInfo(article["timezone"])
    # A feed has no dates without a time.
    published = article["published_at"] or datetime.combine(article["published_on"], time(), zone)
    entry = _E.entry(
        # Not the URL, which changes if the article moves.
        _E.id(_urn(article["site"], f"article {article['article_id']}")),
        _E.title(clean(article["title"] or article["url"])),
        _E.updated(_printed(_updated(article))),
        _E.published(_printed(published.astimezone(zone))),
        _E.author(_E.name(clean(article["author"] or article["source"] or article["site"]))),
        _E.link(rel="alternate", type="text/html", href=article["url"]),
        *(_E.category(term=clean(name)) for name in article["categories"]),
    )
    if article["summary"]:
        entry.append(_E.summary(clean(article["summary"])))
    if article["body"]:
        paragraphs = article["body"].split("\n\n")
        html = "".join(f"<p>{escape(clean(paragraph), quote=False)}</p>" for paragraph in paragraphs)
        entry.append(_E.content(html, type="html"))
    return entry


def _updated(article: Mapping[str, Any]) -> datetime:
    return _local(article, "last_changed_at" if article["last_changed_at"] else "first_seen_at")


def _local(row: Mapping[str, Any], name: str) -> datetime:
    value: datetime = row[name]
    return value.astimezone(ZoneInfo(row["timezone"]))


def _printed(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _urn(site: str, name: str) -> str:
    return f"urn:uuid:{uuid5(uuid5(NAMESPACE_DNS, site), name)}"
