"""The article that a URL belongs to.

``article_url`` holds every URL of every article, and its primary key decides who exists: the writer that inserts a URL first
makes the article, all others find it. Writers claim their URLs in one sorted statement, so that they wait for each other in one
direction only.

An article's URL is the one at which its page answers. A page's claim of a canonical URL, a permanent redirect and a link with
a session id join two URLs only where the texts confirm it; a temporary redirect never does. An article that was only discovered
may turn out to be an alias: its edges move and its row is deleted. An article that was fetched keeps its id and gets another URL;
if its page was stored under that URL, too, the later row gives way to it. No other writer may work on these rows meanwhile, so both happen under the identity lock, which writers share otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, text

from pipelines.storage.schema import models
from pipelines.storage.schema.hashes import url_key
from pipelines.storage.schema.recordset import recordset, send
from pipelines.storage.text.likeness import HALF, Text, is_version
from pipelines.storage.write import moves
from smartdaily_crawler.cleaning.urls import page_name, without_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Executable

    from pipelines.storage.schema.article_content import PageContent
    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Article

_KNOWN = """
    a.article_id, a.url AS identity, a.state, a.last_seen_at, a.content_hash, a.text_hash, a.title IS NOT NULL AS has_title,
    a.published_on IS NOT NULL AS has_date, a.summary IS NOT NULL AS has_summary, a.image_url IS NOT NULL AS has_image,
    a.missing_run_id
"""
LOOK_UP = text(f"""
    SELECT r.url, {_KNOWN}
    FROM {recordset(models.ArticleUrl, "url url_key")}
    JOIN crawl.article_url u USING (url_key)
    JOIN crawl.article a USING (article_id)
""").columns(content_hash=LargeBinary, text_hash=LargeBinary)
CLAIMANTS = text(f"""
    SELECT r.url, {_KNOWN}
    FROM {recordset(models.ArticleUrl, "url url_key")}
    JOIN crawl.article a ON a.claimed_key = r.url_key
    WHERE a.url_key <> r.url_key
    ORDER BY a.article_id
""").columns(content_hash=LargeBinary, text_hash=LargeBinary)
SAME_TEXT = text(f"""
    SELECT r.url, {_KNOWN}
    FROM {recordset(models.Article, "url text_hash")}
    JOIN crawl.article a ON a.text_hash = r.text_hash AND a.site_id = :site_id
    WHERE a.url <> r.url
    ORDER BY a.article_id
""").columns(content_hash=LargeBinary, text_hash=LargeBinary)
TEXTS = text("SELECT article_id, title, body FROM crawl.article WHERE article_id = ANY(:ids)")
NEW_IDS = text("""
    SELECT nextval(pg_get_serial_sequence('crawl.article', 'article_id')) FROM generate_series(1, :wanted)
""")
CLAIM = text(f"""
    INSERT INTO crawl.article_url (url_key, article_id, url, kind, first_seen_at)
    SELECT url_key, article_id, url, kind, seen_at
    FROM {recordset(models.ArticleUrl, "url_key article_id url kind", seen_at=models.ArticleUrl.first_seen_at)}
    ORDER BY url_key
    ON CONFLICT DO NOTHING
    RETURNING url
""")
HAND_OVER = text(f"""
    UPDATE crawl.article_url u SET article_id = r.winner
    FROM {recordset(models.ArticleUrl, "", loser=models.ArticleUrl.article_id, winner=models.ArticleUrl.article_id)}
    WHERE u.article_id = r.loser
""")


class NeedsIdentityLock(Exception):  # noqa: N818 - a request, not an error
    """The transaction must be repeated with the exclusive identity lock."""


@dataclass(slots=True, eq=False)
class Known:
    """An article that exists, or that the batch creates."""

    article_id: int
    identity: str
    """Its URL."""
    state: str
    last_seen_at: datetime
    content_hash: bytes | None = None
    text_hash: bytes | None = None
    has_title: bool = False
    has_date: bool = False
    has_summary: bool = False
    has_image: bool = False
    missing_run_id: int | None = None
    """Run that did not find it at its URL; ``None`` if it answered there last."""
    is_new: bool = False
    content: PageContent | None = None
    """Content of the batch's page."""

    @property
    def is_read(self) -> bool:
        """True if a page of it is stored, or in the batch."""
        return self.content_hash is not None or self.content is not None


@dataclass(frozen=True, slots=True)
class Claim:
    url: str
    article: Known
    kind: str
    seen_at: datetime


class Addresses:
    """The URLs of one batch, and the articles that they belong to."""

    def __init__(self, connection: Connection, run: RunKey, urls: Iterable[str], *, alone: bool) -> None:
        """:param alone: the transaction holds the identity lock exclusively, not shared."""
        self._connection = connection
        self._run = run
        self._alone = alone
        self._articles: dict[int, Known] = {}
        self._by_url = self._look_up(urls)
        self._claims: dict[str, Claim] = {}
        self._merges: list[tuple[Known, Known]] = []
        self._joins: list[tuple[Known, Known, bool]] = []
        """Fetched articles that are one: the later one, the earlier one, and whether the page is at the URL of the later one."""
        self._renames: list[tuple[Known, str]] = []
        self._redirects: Mapping[str, Sequence[str]] = {}
        self._claimants: dict[str, list[Known]] = {}
        """Articles whose pages name a URL as canonical, by that URL."""
        self._same_text: dict[str, list[Known]] = {}
        """Articles with the text of a page, by its URL."""
        self._texts: dict[int, Text] = {}
        """Texts of stored articles, by id."""
        self.refused: set[str] = set()
        """URLs of pages whose canonical URL has another text."""
        self.renamed: set[str] = set()
        """New URLs of articles that were known under another one."""
        self.moved: dict[str, str] = {}
        """Former URLs of those, by the new ones, without the alternates that named the new URL as canonical."""
        self.joined: dict[str, str] = {}
        """URLs of fetched articles, by those that redirect to them and were an article of their own."""

    def __getitem__(self, url: str) -> Known:
        return self._by_url[url]

    def get(self, url: str) -> Known | None:
        return self._by_url.get(url)

    def resolve(self, pages: Sequence[tuple[Article, PageContent]], redirects: Mapping[str, Sequence[str]]) -> None:
        """Find or create the article of each page, and claim the URLs that led to it.

        :param redirects: URLs that redirect for good, by the URL of the page.
        """
        self._redirects = redirects
        rows = [
            {"url": page.url, "url_key": url_key(page.url), "text_hash": content.text_hash}
            for page, content in pages
            if (known := self._by_url.get(page.url)) is None or not known.is_read
        ]
        self._claimants = self._candidates(CLAIMANTS, rows)
        self._same_text = self._candidates(
            SAME_TEXT, [row for row in rows if row["text_hash"]], site_id=self._run.site_id
        )
        self._load_texts(self._to_be_compared(pages))
        # The page at a canonical URL comes before those that claim it.
        for page, content in sorted(pages, key=lambda pair: pair[0].canonical is not None):
            self._resolve(page, content)

    def _to_be_compared(self, pages: Sequence[tuple[Article, PageContent]]) -> set[Known]:
        """Return the stored articles of which a page may be a version."""
        found: set[Known] = set()
        for page, content in pages:
            if (known := self._by_url.get(page.url)) and known.is_read:
                continue
            urls = [page.canonical or "", *self._redirects.get(page.url, ())]
            urls += [page.fetch.url] if page.fetch.redirect == "permanent" else []
            others = [self._by_url.get(url) for url in urls] + [*self._claimants.get(page.url, ())]
            found |= {
                other for other in others if other and other.content_hash and other.text_hash != content.text_hash
            }
        return found

    def alias(self, url: str, identity: str, seen_at: datetime) -> None:
        """Record that *url* redirects to the article at *identity* for good."""
        target = self._by_url.get(identity)
        if target is None:
            target = self._make(identity, seen_at)
            self._claim(identity, target, "identity", seen_at)
        self._attach(url, target, "requested", seen_at)
        other = self._by_url[url]
        if (
            other is not target
            and other.identity == url
            and target.identity == identity
            and self._are_one(other, target)
        ):
            self._join(other, target)

    def _resolve(self, page: Article, content: PageContent) -> None:
        seen_at = page.fetch.fetched_at
        article = self._by_url.get(page.url)
        if article is None or not article.is_read:
            canonical = self._canonical(page, content)
            former = None if canonical else self._former(page, content)
            if canonical:
                self._attach(page.url, canonical, "final", seen_at)
                article = canonical
            elif former:
                self._attach(page.url, former, "identity", seen_at)
                article = former
                self._rename(former, page.url, is_move=former not in self._claimants.get(page.url, ()))
            elif article is None:
                article = self._make(page.url, seen_at)
                self._claim(page.url, article, "identity", seen_at)
        elif article.identity != page.url and (
            page_name(article.identity) == page_name(page.url) or self._survives(article, content)
        ):
            self._rename(article, page.url)
        if article.identity == page.url:
            article.content = content
        if page.fetch.redirect == "permanent":
            self._attach(page.fetch.url, article, "requested", seen_at)

    def _canonical(self, page: Article, content: PageContent) -> Known | None:
        """Return the known article of which the page is an alternate: by its canonical link, or a URL with random parts."""
        claimed = self._by_url.get(page.canonical) if page.canonical else None
        if claimed and claimed.is_read:
            if self._is_alike(claimed, content):
                return claimed
            self.refused.add(page.url)
        return next(
            (
                other
                for other in self._same_text.get(page.url, ())
                if without_tokens(other.identity) == without_tokens(page.url)
            ),
            None,
        )

    def _former(self, page: Article, content: PageContent) -> Known | None:
        """Return the known article that moved to the page's URL: it redirects there for good, or named it as canonical."""
        candidates = list(self._claimants.get(page.url, ()))
        urls = [page.fetch.url] if page.fetch.redirect == "permanent" else []
        urls += self._redirects.get(page.url, ())
        candidates[:0] = [redirected for url in urls if (redirected := self._by_url.get(url))]
        return next((other for other in candidates if other.is_read and self._is_alike(other, content)), None)

    def _survives(self, article: Known, content: PageContent) -> bool:
        """Return whether an earlier run did not find the article at its URL, and this is its page at another one."""
        is_missing = article.missing_run_id not in (None, self._run.run_id)
        return is_missing and article.content is None and self._is_alike(article, content)

    def _is_alike(self, article: Known, content: PageContent) -> bool:
        """Return whether the content is a version of the article's."""
        if article.content is None and article.text_hash == content.text_hash:
            return True
        return is_version(self._text(article), Text.of(content.values))

    def _are_one(self, one: Known, other: Known) -> bool:
        """Return whether two stored articles are one; at least half of the shorter text is in the other one."""
        return one.is_read and other.is_read and is_version(self._text(one), self._text(other), least=HALF)

    def _text(self, article: Known) -> Text:
        if article.content is not None:
            return Text.of(article.content.values)
        if article.article_id not in self._texts:
            self._load_texts([article])
        return self._texts[article.article_id]

    def _load_texts(self, articles: Iterable[Known]) -> None:
        ids = [article.article_id for article in articles]
        for row in self._connection.execute(TEXTS, {"ids": ids}) if ids else ():
            self._texts[row.article_id] = Text(row.title, row.body)

    def _attach(self, url: str, article: Known, kind: str, seen_at: datetime) -> None:
        """Make *url* an alias of the article, unless another article was read there."""
        other = self._by_url.get(url)
        if other is None:
            self._claim(url, article, kind, seen_at)
        elif other is not article and not other.is_read:
            self._merge(other, article)

    def _rename(self, article: Known, url: str, *, is_move: bool = True) -> None:
        self._require_lock()
        self.renamed.add(url)
        if is_move:
            self.moved[url] = article.identity
        article.identity = url
        self._renames.append((article, url))

    def discover(self, url: str, seen_at: datetime) -> None:
        """Create an article for the target of a link, unless the URL is known."""
        if url not in self._by_url:
            self._claim(url, self._make(url, seen_at), "identity", seen_at)

    def claim(self) -> list[Known]:
        """Insert the claimed URLs. Return the articles whose rows are to be inserted."""
        made = [claim.article for claim in self._claims.values() if claim.article.is_new]
        made = list(dict.fromkeys(made))
        ids = self._connection.scalars(NEW_IDS, {"wanted": len(made)}).all() if made else []
        for article, article_id in zip(made, ids, strict=True):
            article.article_id = article_id
        claims = [_row(claim) for claim in self._claims.values()]
        won = {row.url for row in send(self._connection, CLAIM, claims)}
        if lost := [claim for url, claim in self._claims.items() if url not in won]:
            self._yield_to(lost)
        return [article for article in made if article.is_new]

    def merge(self) -> None:
        """Move edges and categories of aliases to their articles, then give moved articles their new URLs.

        Aliases all at once; fetched articles that are one, one by one, as they are rare.
        """
        targets: dict[int, int] = {}
        for alias, target in reversed(self._merges):  # which may be an alias of a third one
            targets[alias.article_id] = targets.get(target.article_id, target.article_id)
        moves.merge(self._connection, targets)
        moves.rename(self._connection, {article.article_id: url for article, url in self._renames})
        for late, early, takes_url in self._joins:
            joined = moves.join(self._connection, late.article_id, early.article_id, takes_url=takes_url)
            early.content_hash, early.text_hash = joined

    def _look_up(self, urls: Iterable[str]) -> dict[str, Known]:
        found = {}
        article: list[Any]
        asked = ({"url": url, "url_key": url_key(url)} for url in set(urls))
        for url, *article in send(self._connection, LOOK_UP, asked):
            known = self._articles.get(article[0]) or Known(*article)
            found[url] = self._articles[known.article_id] = known
        return found

    def _candidates(
        self, statement: Executable, rows: Iterable[dict[str, Any]], **values: Any
    ) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = {}
        article: list[Any]
        for url, *article in send(self._connection, statement, rows, **values):
            known = self._articles.setdefault(article[0], Known(*article))
            found.setdefault(url, []).append(known)
        return found

    def _make(self, identity: str, seen_at: datetime) -> Known:
        return Known(article_id=0, identity=identity, state="discovered", last_seen_at=seen_at, is_new=True)

    def _claim(self, url: str, article: Known, kind: str, seen_at: datetime) -> None:
        self._by_url[url] = article
        self._claims[url] = Claim(url, article, kind, seen_at)

    def _merge(self, alias: Known, target: Known) -> None:
        self._require_lock()
        self._merges.append((alias, target))
        self._replace(alias, target)

    def _join(self, redirecting: Known, target: Known) -> None:
        self._require_lock()
        early, late = sorted((redirecting, target), key=lambda article: article.article_id)
        self.joined[redirecting.identity] = target.identity
        early.identity, early.state = target.identity, "fetched"
        self._joins.append((late, early, late is target))
        self._replace(late, early)

    def _replace(self, article: Known, by: Known) -> None:
        self._by_url = {url: by if found is article else found for url, found in self._by_url.items()}

    def _yield_to(self, lost: list[Claim]) -> None:
        """Take the articles of another writer, which inserted these URLs first and has committed."""
        winners = self._look_up(claim.url for claim in lost)
        handed_over = []
        for claim in lost:
            if claim.url == claim.article.identity:
                winner = winners[claim.url]
                handed_over.append({"loser": claim.article.article_id, "winner": winner.article_id})
                claim.article.is_new = False
                winner.content = winner.content or claim.article.content
                self._replace(claim.article, winner)
        send(self._connection, HAND_OVER, handed_over)
        for claim in lost:
            winner = winners[claim.url]
            if winner is not self._by_url[claim.url] and not winner.is_read:
                self._require_lock()
            self._by_url[claim.url] = winner

    def _require_lock(self) -> None:
        if not self._alone:
            raise NeedsIdentityLock


def _row(claim: Claim) -> dict[str, object]:
    return {
        "url_key": url_key(claim.url),
        "article_id": claim.article.article_id,
        "url": claim.url,
        "kind": claim.kind,
        "seen_at": claim.seen_at,
    }
