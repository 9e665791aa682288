"""One batch of items in one transaction.

The order of the steps is the order in which locks are taken, the same for every writer: the identity lock, categories, URLs,
articles, and then rows that refer to articles. Writers of sites of other domains do not meet.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pipelines.storage.db.locks import lock_identity
from pipelines.storage.schema.article_content import PageContent
from pipelines.storage.schema.hashes import shown_hash
from pipelines.storage.text import exact_duplicates, notices
from pipelines.storage.text.likeness import Text, is_another
from pipelines.storage.write import articles, categories, contents, outcomes, teasers
from pipelines.storage.write.addresses import Addresses
from pipelines.storage.write.articles import Sighting
from pipelines.storage.write.outcomes import End, Written
from smartdaily_crawler.cleaning.urls import kind_of_move, page_name
from smartdaily_crawler.items import Article, Item, Listing, Navigation, Outcome
from smartdaily_crawler.reasons import OTHER_KINDS, Reason
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from pipelines.storage.schema.run_key import RunKey
    from pipelines.storage.write.addresses import Known
    from pipelines.storage.write.categories import Place

Kind = TypeVar("Kind", Navigation, Listing, Article, Outcome)


class TextChanged(Exception):  # noqa: N818 - a request, not an error
    """Another writer changed an article between our lookup and our lock: the transaction must be repeated."""


class Batch:
    """The items of one transaction, and intermediate results about them."""

    def __init__(self, connection: Connection, run: RunKey, items: Sequence[Item]) -> None:
        self._connection = connection
        self._run = run
        self._items = items
        self._counts = [Counter[str]() for _ in items]
        self._written: dict[int, Written] = {}
        self._shown = {index: PageContent.of(article) for index, article in self._each(Article)}

    def write(self, *, alone: bool) -> list[Written]:
        """Write the items. Return what became of each.

        :param alone: hold the identity lock exclusively.
        """
        # First of all, so that a waiting writer holds no other lock.
        lock_identity(self._connection, self._run.site_id, alone=alone)
        self._write_categories()
        self._claim_addresses(alone=alone)
        self._find_places()
        self._lock()
        self._write_articles()
        self._write_edges()
        self._write_checks()
        return self._finish()

    def _each(self, kind: type[Kind]) -> Iterator[tuple[int, Kind]]:
        return ((index, item) for index, item in enumerate(self._items) if isinstance(item, kind))

    def _write_categories(self) -> None:
        navigations = [item for _, item in self._each(Navigation)]
        listings = [item for _, item in self._each(Listing)]
        self._categories, written = categories.write(self._connection, self._run, navigations, listings)
        for index, navigation in self._each(Navigation):
            changes = [written.pop(category.name, None) for category in navigation.categories]
            self._counts[index][Stat.CATEGORY_NEW] += changes.count(True)
            outcome = "unchanged" if changes.count(None) == len(changes) else "stored"
            self._written[index] = Written(outcome)
        for index, listing in self._each(Listing):
            if listing.fetch.kind != "feed":
                self._counts[index][Stat.CATEGORY_NEW] += written.pop(listing.category, False)

    def _claim_addresses(self, *, alone: bool) -> None:
        urls = {url for item in self._items for url in _urls(item)}
        self._addresses = addresses = Addresses(self._connection, self._run, urls, alone=alone)
        self._known_shares = {
            index: _share(addresses.get(entry.url) is not None for entry in listing.entries)
            for index, listing in self._each(Listing)
        }
        pages = [(page, self._shown[index]) for index, page in self._each(Article)]
        redirects: dict[str, list[str]] = {}
        for _, outcome in self._each(Outcome):
            if outcome.alias_of:
                redirects.setdefault(outcome.alias_of, []).append(outcome.fetch.url)
        for _, outcome in self._each(Outcome):
            if (target := _dead_target(outcome)) and addresses.get(target):
                addresses.alias(outcome.fetch.url, target, outcome.fetch.fetched_at)
        addresses.resolve(pages, redirects)
        for index, page in self._each(Article):
            self._counts[index][Stat.CANONICAL_REFUSED] += page.url in addresses.refused
            self._count_move(index, addresses.moved.get(page.url), page.url)
        for index, outcome in self._each(Outcome):
            if outcome.alias_of:
                addresses.alias(outcome.fetch.url, outcome.alias_of, outcome.fetch.fetched_at)
                self._count_move(index, outcome.fetch.url, addresses.joined.get(outcome.fetch.url))
        links = [link for item in self._items for link in _links(item)]
        for url, link in links:
            addresses.discover(url, link.seen_at)
        self._new = addresses.claim()
        self._links: dict[int, tuple[Known, Sighting]] = {}
        for url, link in links:
            known = addresses[url]
            self._links.setdefault(known.article_id, (known, Sighting(link.seen_at)))[1].add(link)
        found = {article_id: link for article_id, (_, link) in self._links.items()}
        articles.discover(self._connection, self._run, self._new, found)
        self._look_up_texts()
        addresses.merge()

    def _count_move(self, index: int, old: str | None, new: str | None) -> None:
        if old and new:
            self._counts[index].update([Stat.ARTICLE_MOVED, Stat.moved(kind_of_move(old, new))])

    def _look_up_texts(self) -> None:
        """Find the articles that have the texts that arrive, or those that they replace."""
        different = self._different()
        self._arriving = Counter(shown.text_hash for _, shown in different if shown.text_hash)
        leaving = {article.text_hash for article, _ in different if article.text_hash}
        self._members = exact_duplicates.members(self._connection, self._arriving.keys() | leaving)

    def _different(self) -> list[tuple[Known, PageContent]]:
        """Return the articles whose pages in the batch differ from what is stored."""
        pages = [(self._addresses[page.url], self._shown[index]) for index, page in self._each(Article)]
        return [(article, shown) for article, shown in pages if article.content_hash != shown.content_hash]

    def _find_places(self) -> None:
        self._places: list[tuple[int, Place]] = []
        for index, listing in self._each(Listing):
            for entry in listing.entries:
                place = self._place(entry.url, listing.category, listing)
                shown = {"position": entry.position, "shown_hash": shown_hash(entry.title, entry.published_on)}
                self._places.append((index, {**place, **shown}))
                told = (name for name in listing.told_categories.get(entry.url, ()) if name in self._categories)
                self._places += [(index, self._place(entry.url, name, listing)) for name in told]
        for index, article in self._each(Article):
            known = (name for name in article.categories if name in self._categories)
            self._places += [(index, self._place(article.url, name, article)) for name in known]
        feeds = {self._categories[page.category] for _, page in self._each(Listing) if page.fetch.kind == "feed"}
        filed = (place for _, place in self._places if place["category_id"] not in feeds)
        self._newly_placed = categories.newly_placed(self._connection, filed)

    def _place(self, url: str, category: str, item: Listing | Article) -> Place:
        return {
            "article_id": self._addresses[url].article_id,
            "category_id": self._categories[category],
            "position": None,
            "shown_hash": None,
            "seen_at": item.fetch.fetched_at,
        }

    def _lock(self) -> None:
        pages = [self._addresses[page.url] for _, page in self._each(Article)]
        self._news = [
            (article, link)
            for article, link in self._links.values()
            if not article.is_new and link.is_news_about(article, self._run)
        ]
        texts = self._members.values()
        self._shared_before = {text for text, times in Counter(texts).items() if times > 1}
        # Most texts are nobody else's.
        self._shared = {*texts, *(text for text, times in self._arriving.items() if times > 1)}
        checked = (self._addresses.get(outcome.fetch.url) for _, outcome in self._each(Outcome))
        ids = {
            *self._newly_placed,
            *(article.article_id for article in pages),
            *(article.article_id for article, _ in self._news),
            *(article.article_id for article in checked if article),
        }
        locked_articles = contents.lock(self._connection, ids)
        self._locked = {article.article_id: locked_articles[article.article_id] for article in pages}
        if any(locked_articles[article.article_id].content_hash != article.content_hash for article in pages):
            raise TextChanged
        differing = {article.article_id for article, _ in self._different()}
        contents.load(self._connection, (locked_articles[article_id] for article_id in differing))

    def _write_articles(self) -> None:
        for _, page, locked in self._pages():
            if page.url in self._addresses.renamed:
                locked.last_fetched_at = None  # a page at the former URL may be later, and still gives way to this one
        held = notices.hold_back(self._connection, self._run, list(self._strangers()))
        # Nor is a category believed that such a page names.
        beside = {index for index, _, locked in self._pages() if locked.article_id in held}
        self._places = [(index, place) for index, place in self._places if index not in beside]
        self._newly_placed &= {place["article_id"] for _, place in self._places}
        for index, page, locked in self._pages():
            written = contents.superseded(locked, page)
            if written is None and (reason := held.get(locked.article_id)):
                written = Written("rejected", reason)
            self._written[index] = written = written or contents.apply_page(locked, page, self._shown[index])
            self._counts[index] += written.counts
        contents.store(self._connection, self._run, self._locked.values())
        articles.update_sightings(self._connection, self._news)
        articles.restamp(self._connection, self._newly_placed)
        notices.make_due(self._connection, self._run, self._changed_elsewhere())
        sharing = [article.article_id for article in self._locked.values() if self._shares_text(article)]
        became_duplicates = exact_duplicates.link(self._connection, sharing)
        for index, locked in self._filled():
            self._counts[index][Stat.ARTICLE_DUPLICATE] += locked.article_id in became_duplicates

    def _shares_text(self, article: contents.LockedArticle) -> bool:
        """Return whether others have the article's text, or had the one that it had before."""
        return article.text_hash in self._shared or self._members.get(article.article_id) in self._shared_before

    def _pages(self) -> Iterator[tuple[int, Article, contents.LockedArticle]]:
        """Yield the pages with their index in the batch and their locked articles."""
        for index, page in self._each(Article):
            yield index, page, self._locked[self._addresses[page.url].article_id]

    def _changed_elsewhere(self) -> dict[int, datetime]:
        """Return the articles, by id, that have another text at an alternate URL than at their own, which the run has not read."""
        return {
            locked.article_id: page.fetch.fetched_at
            for index, page, locked in self._pages()
            if self._written[index].reason == Reason.ALTERNATE_URL
            and locked.last_fetched_at
            and locked.last_fetched_at < min(self._run.started_at, page.fetch.fetched_at)
            and locked.text_hash != self._shown[index].text_hash
        }

    def _strangers(self) -> Iterator[notices.Stranger]:
        """Yield the pages that may be notices: of new articles, and those with another text than their articles."""
        for index, page, locked in self._pages():
            # A page that is read again is the one that the article was read from.
            if contents.superseded(locked, page) or (page.fetch.reread_at and locked.revision):
                continue
            shown, is_new = self._shown[index], not locked.revision
            # A stored text that others have, too, may itself be a notice, and gives way at once.
            is_own = locked.text_hash is not None and locked.text_hash not in self._shared_before
            if is_new or (is_own and locked.content and is_another(Text.of(locked.content), Text.of(shown.values))):
                yield notices.Stranger(locked.article_id, shown, page.fetch.fetched_at, is_new=is_new)

    def _filled(self) -> list[tuple[int, contents.LockedArticle]]:
        """Return the articles that were filled from a page, each with the index of that page in the batch."""
        pages = {id(locked.page): locked for locked in self._locked.values() if locked.pages}
        return [(index, pages[id(page)]) for index, page in self._each(Article) if id(page) in pages]

    def _write_edges(self) -> None:
        filled = self._filled()
        notices.release(self._connection, [locked.article_id for _, locked in filled if not locked.is_first_page])
        changes = teasers.store(self._connection, [locked for _, locked in filled], self._addresses)
        for index, locked in filled:
            self._counts[index] += changes[locked.article_id]
        placed = categories.place(self._connection, (place for _, place in self._places))
        for index, place in self._places:
            key = (place["article_id"], place["category_id"])
            self._counts[index][Stat.ENTRY_NEW] += key in placed
            placed.discard(key)
        listings = [(listing, self._known_shares[index]) for index, listing in self._each(Listing)]
        categories.write_listings(self._connection, listings, self._categories)
        ends = [(page.category, page.fetch.fetched_at) for page, _ in listings if page.ends_walk]
        ends += [(end.category, end.fetch.fetched_at) for _, end in self._each(Outcome) if end.category]
        categories.catch_up(self._connection, ends, self._categories)
        unordered = {page.category for page, _ in listings if page.is_unordered}
        if unordered:
            categories.forget_ends(self._connection, unordered, self._categories)

    def _write_checks(self) -> None:
        """Apply outcomes of articles' own URLs: unmodified, missing, rejected again."""
        checks = []
        for index, outcome in self._each(Outcome):
            url = outcome.fetch.url
            article = self._addresses.get(url) if outcome.fetch.kind == "article" else None
            if article and page_name(article.identity) == page_name(url):
                # Its page is shown no more, for now or for good: as with a 404, the end of the run decides.
                is_gone = article.content_hash is not None and _leads_away(outcome)
                end = replace(outcome, outcome="gone") if is_gone else outcome
                self._written[index] = Written(end.outcome, end.reason)
                checks.append((index, article.article_id, end))
        unmodified = [(known, end.fetch) for _, known, end in checks if end.outcome == "not_modified"]
        articles.mark_unmodified(self._connection, unmodified)
        same = [(known, fetch.fetched_at) for known, fetch in unmodified]
        teasers.update_sightings(self._connection, same)
        notices.release(self._connection, [article_id for article_id, _ in same])
        idle = [(known, end.fetch) for _, known, end in checks if _is_final(end)]
        idle += [
            (locked.article_id, page.fetch)
            for index, page, locked in self._pages()
            if self._written[index].reason == Reason.NOTICE and not locked.revision
        ]
        known_as_none = articles.note_answers(self._connection, idle)
        for index, article_id, end in checks:
            self._counts[index][Stat.ARTICLE_REJECTED_AGAIN] += (
                end.outcome == "rejected" and article_id in known_as_none
            )
        absent = [(known, end.fetch.fetched_at) for _, known, end in checks if end.outcome == "gone"]
        missing = articles.mark_missing(self._connection, self._run, absent)
        for index, article_id, _ in checks:
            if article_id in missing:
                missing.discard(article_id)
                self._counts[index][Stat.ARTICLE_MISSING] += 1

    def _finish(self) -> list[Written]:
        self._count_discovered()
        for index, _ in self._each(Listing):
            self._written[index] = Written("stored" if +self._counts[index] else "unchanged")
        for index, outcome in self._each(Outcome):
            self._written.setdefault(index, Written(outcome.outcome, outcome.reason))
        ends = []
        for index, item in enumerate(self._items):
            written = self._written[index]
            ends.append(End(item.fetch, written.outcome, written.reason))
            parts = item.parts if isinstance(item, Article | Outcome) else []
            ends += [End(part, written.outcome, written.reason) for part in parts]
        outcomes.write(self._connection, self._run, ends)
        return [
            Written(self._written[index].outcome, self._written[index].reason, +counts)
            for index, counts in enumerate(self._counts)
        ]

    def _count_discovered(self) -> None:
        fetched = {locked.article_id for locked in self._locked.values() if locked.pages}
        discovered = {article.article_id for article in self._new} - fetched
        for index, item in enumerate(self._items):
            for url in _urls(item):
                article = self._addresses.get(url)
                if article and article.article_id in discovered:
                    discovered.discard(article.article_id)
                    self._counts[index][Stat.ARTICLE_DISCOVERED] += 1


_NOT_ASKED = (Reason.RUN_STOPPED, Reason.RETRY_LATER, Reason.ROBOTS_UNREACHABLE)
_NO_ARTICLE = (*OTHER_KINDS, Reason.NO_BODY, Reason.NO_TITLE, Reason.SOFT_404)


def _leads_away(end: Outcome) -> bool:
    """Return whether the URL redirects to another article, or to a page that is none; a login or a captcha tells nothing."""
    is_none = end.outcome == "rejected" and end.fetch.redirect is not None and end.reason in _NO_ARTICLE
    return is_none or end.reason == Reason.REDIRECT_SEEN


def _is_final(end: Outcome) -> bool:
    """Return whether another request would give the same outcome, which tells nothing about the article.

    A redirect of a fetched article's URL to another article is such an outcome, unless both have the same text.
    """
    return end.outcome in ("rejected", "duplicate") or (end.outcome == "skipped" and end.reason not in _NOT_ASKED)


def _dead_target(outcome: Outcome) -> str | None:
    """Return the URL of a page that is gone, to which the requested URL redirects for good; ``None`` for other outcomes."""
    is_redirect = outcome.fetch.redirect == "permanent" and outcome.fetch.final_url != outcome.fetch.url
    return outcome.fetch.final_url if is_redirect and outcome.outcome == "gone" and not outcome.alias_of else None


def _urls(item: Item) -> list[str]:
    """Return the URLs of articles that the item names."""
    match item:
        case Listing():
            return [entry.url for entry in item.entries]
        case Article():
            named = [item.url, item.fetch.url, *(teaser.url for teaser in item.teasers)]
            return [*named, item.canonical] if item.canonical else named
        case Outcome() if item.alias_of:
            return [item.alias_of, item.fetch.url]
        case Outcome():
            return [item.fetch.url, target] if (target := _dead_target(item)) else [item.fetch.url]
        case _:
            return []


def _links(item: Item) -> Iterator[tuple[str, Sighting]]:
    """Yield the URLs of articles that the item shows to exist, with what it shows of them."""
    seen_at = item.fetch.fetched_at
    if isinstance(item, Article):
        yield item.url, Sighting(seen_at)
        for teaser in item.teasers:
            yield teaser.url, Sighting(seen_at, title=teaser.title, published_on=teaser.published_on)
    elif isinstance(item, Listing):
        for entry in item.entries:
            yield (entry.url, Sighting(seen_at, entry.title, entry.published_on, entry.summary, entry.image_url))
    elif isinstance(item, Outcome) and item.alias_of:
        yield item.alias_of, Sighting(seen_at)


def _share(known: Iterable[bool]) -> float | None:
    answers = list(known)
    return sum(answers) / len(answers) if answers else None
