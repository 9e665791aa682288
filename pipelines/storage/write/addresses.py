"""Which article an address leads to.

``article_url`` holds every address of every article, and its primary key decides who exists: whoever inserts an
address first makes the article, everybody else finds it. Writers claim their addresses in one sorted statement, so
they wait for each other in one direction only.

An article that was only discovered may turn out to be another one's alias. Its edges then move and its row goes,
which no other writer may be in the middle of: that happens under the identity lock, which everybody else shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, text

from pipelines.storage.schema import models
from pipelines.storage.schema.hashes import url_key
from pipelines.storage.schema.recordset import recordset, send

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

LOOK_UP = text(f"""
    SELECT r.url, a.article_id, a.url AS identity, coalesce(a.read_at, a.url) AS read_at, a.state, a.last_seen_at,
           a.content_hash, a.text_hash,
           a.title IS NOT NULL AS has_title, a.published_on IS NOT NULL AS has_date,
           a.summary IS NOT NULL AS has_summary, a.image_url IS NOT NULL AS has_image
    FROM {recordset(models.ArticleUrl, "url url_key")}
    JOIN crawl.article_url u USING (url_key)
    JOIN crawl.article a USING (article_id)
""").columns(content_hash=LargeBinary, text_hash=LargeBinary)
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
RENAME = text(f"""
    WITH former AS (
        UPDATE crawl.article_url u SET kind = 'requested'
        FROM {recordset(models.ArticleUrl, "article_id")}
        WHERE u.article_id = r.article_id AND u.kind = 'identity'
    )
    UPDATE crawl.article a SET url = r.url, url_key = r.url_key
    FROM {recordset(models.ArticleUrl, "article_id url url_key")}
    WHERE a.article_id = r.article_id
""")
MERGE = [
    text("""
        UPDATE crawl.article_url SET article_id = :target, kind = replace(kind, 'identity', 'requested')
        WHERE article_id = :alias
    """),
    text("""
        INSERT INTO crawl.article_teaser AS t
        SELECT from_article_id, :target, block, position, title, summary, published_on, image_url, first_seen_at,
               last_seen_at, removed_at
        FROM crawl.article_teaser WHERE to_article_id = :alias AND from_article_id <> :target
        ON CONFLICT (from_article_id, to_article_id, block) DO UPDATE SET
            first_seen_at = least(t.first_seen_at, EXCLUDED.first_seen_at),
            last_seen_at = greatest(t.last_seen_at, EXCLUDED.last_seen_at),
            removed_at = CASE
                WHEN t.removed_at IS NOT NULL AND EXCLUDED.removed_at IS NOT NULL
                THEN greatest(t.removed_at, EXCLUDED.removed_at)
            END
    """),
    text("DELETE FROM crawl.article_teaser WHERE to_article_id = :alias"),
    text("""
        INSERT INTO crawl.article_category AS c
            (article_id, category_id, position, shown_hash, first_seen_at, last_seen_at)
        SELECT :target, category_id, position, shown_hash, first_seen_at, last_seen_at
        FROM crawl.article_category WHERE article_id = :alias
        ON CONFLICT (article_id, category_id) DO UPDATE SET
            position = coalesce(c.position, EXCLUDED.position),
            shown_hash = coalesce(c.shown_hash, EXCLUDED.shown_hash),
            first_seen_at = least(c.first_seen_at, EXCLUDED.first_seen_at),
            last_seen_at = greatest(c.last_seen_at, EXCLUDED.last_seen_at)
    """),
    text("DELETE FROM crawl.article_category WHERE article_id = :alias"),
    # change_seq: whoever reads the target's categories shall hear of it.
    text("""
        UPDATE crawl.article t SET
            change_seq = 0,
            title = coalesce(t.title, a.title),
            published_on = CASE WHEN t.state = 'discovered' THEN coalesce(t.published_on, a.published_on)
                                ELSE t.published_on END,
            summary = coalesce(t.summary, a.summary),
            image_url = coalesce(t.image_url, a.image_url),
            first_seen_at = least(t.first_seen_at, a.first_seen_at),
            last_seen_at = greatest(t.last_seen_at, a.last_seen_at)
        FROM crawl.article a WHERE t.article_id = :target AND a.article_id = :alias
    """),
    text("DELETE FROM crawl.article WHERE article_id = :alias"),
]


class NeedsIdentityLock(Exception):  # noqa: N818 - a request, not an error
    """The transaction has to start again with nobody beside it."""


@dataclass(slots=True, eq=False)
class Known:
    """An article as the batch found it, or as the batch makes it."""

    article_id: int
    identity: str
    read_at: str
    """Where its own page answers: at its identity, unless that is dead."""
    state: str
    last_seen_at: datetime
    content_hash: bytes | None = None
    text_hash: bytes | None = None
    has_title: bool = False
    has_date: bool = False
    has_summary: bool = False
    has_image: bool = False
    is_new: bool = False
    is_target: bool = False
    """The batch has evidence of its own for its identity: it is nobody's alias."""


@dataclass(frozen=True, slots=True)
class Claim:
    url: str
    article: Known
    kind: str
    seen_at: datetime


class Addresses:
    """The addresses of one batch, and the articles they lead to."""

    def __init__(self, connection: Connection, urls: Iterable[str], *, alone: bool) -> None:
        """:param alone: whether the transaction holds the identity lock alone, and not shared."""
        self._connection = connection
        self._alone = alone
        self._articles: dict[int, Known] = {}
        self._by_url = self._look_up(urls)
        self._claims: dict[str, Claim] = {}
        self._merges: list[tuple[Known, Known]] = []
        self._renames: list[Known] = []

    def __getitem__(self, url: str) -> Known:
        return self._by_url[url]

    def get(self, url: str) -> Known | None:
        return self._by_url.get(url)

    def resolve(
        self, identity: str, aliases: Mapping[str, str], seen_at: datetime, text_hash: bytes | None = None
    ) -> None:
        """All these addresses lead to one article.

        :param aliases: address -> how it was met.
        :param text_hash: of what the article says, if it was fetched.
        """
        target = self._by_url.get(identity)
        if target is None:
            target = self._moved_from(aliases, text_hash)
            if target is None:
                target = self._make(identity, seen_at)
            else:
                target.identity = identity
                self._renames.append(target)
                self._require_lock()
            self._claim(identity, target, "identity", seen_at)
        target.is_target = True
        for url, kind in aliases.items():
            other = self._by_url.get(url)
            if other is None:
                self._claim(url, target, kind, seen_at)
            elif other is not target and _may_be_alias(other):
                self._merge(other, target)

    def discover(self, url: str, seen_at: datetime) -> None:
        """A link to this address was seen."""
        if url not in self._by_url:
            self._claim(url, self._make(url, seen_at), "identity", seen_at)

    def claim(self) -> list[Known]:
        """Claim the addresses; the articles whose rows are to be made now."""
        made = [claim.article for claim in self._claims.values() if claim.article.is_new]
        made = list(dict.fromkeys(made))
        ids = self._connection.scalars(NEW_IDS, {"wanted": len(made)}).all() if made else []
        for article, article_id in zip(made, ids, strict=True):
            article.article_id = article_id
        send(self._connection, RENAME, [_renamed(article) for article in self._renames])
        claims = [_row(claim) for claim in self._claims.values()]
        won = {row.url for row in send(self._connection, CLAIM, claims)}
        if lost := [claim for url, claim in self._claims.items() if url not in won]:
            self._yield_to(lost)
        return [article for article in made if article.is_new]

    def merge(self) -> None:
        """Move what aliases had to the articles they lead to. One by one: they are rare once a site is known."""
        for alias, target in self._merges:
            for statement in MERGE:
                self._connection.execute(statement, {"alias": alias.article_id, "target": target.article_id})

    def _look_up(self, urls: Iterable[str]) -> dict[str, Known]:
        found = {}
        article: list[Any]
        asked = ({"url": url, "url_key": url_key(url)} for url in set(urls))
        for url, *article in send(self._connection, LOOK_UP, asked):
            known = self._articles.get(article[0]) or Known(*article)
            found[url] = self._articles[known.article_id] = known
        return found

    def _moved_from(self, urls: Iterable[str], text_hash: bytes | None) -> Known | None:
        """The article that one of the addresses was until now: never fetched, or saying the same."""
        for url in urls:
            article = self._by_url.get(url)
            if article is None or article.is_target:
                continue
            if article.content_hash is None or (text_hash and text_hash == article.text_hash):
                return article
        return None

    def _make(self, identity: str, seen_at: datetime) -> Known:
        return Known(
            article_id=0, identity=identity, read_at=identity, state="discovered", last_seen_at=seen_at, is_new=True
        )

    def _claim(self, url: str, article: Known, kind: str, seen_at: datetime) -> None:
        self._by_url[url] = article
        self._claims[url] = Claim(url, article, kind, seen_at)

    def _merge(self, alias: Known, target: Known) -> None:
        self._require_lock()
        self._merges.append((alias, target))
        self._replace(alias, target)

    def _replace(self, article: Known, by: Known) -> None:
        self._by_url = {url: by if found is article else found for url, found in self._by_url.items()}

    def _yield_to(self, lost: list[Claim]) -> None:
        """Another writer was first with these addresses, and has committed by now."""
        winners = self._look_up(claim.url for claim in lost)
        handed_over = []
        for claim in lost:
            if claim.url == claim.article.identity:
                winner = winners[claim.url]
                handed_over.append({"loser": claim.article.article_id, "winner": winner.article_id})
                claim.article.is_new = False
                winner.is_target |= claim.article.is_target
                self._replace(claim.article, winner)
        send(self._connection, HAND_OVER, handed_over)
        for claim in lost:
            winner = winners[claim.url]
            if winner is not self._by_url[claim.url] and _may_be_alias(winner):
                self._require_lock()
            self._by_url[claim.url] = winner

    def _require_lock(self) -> None:
        if not self._alone:
            raise NeedsIdentityLock


def _may_be_alias(article: Known) -> bool:
    """Whether it may go: what was never fetched has nothing but its edges."""
    return article.content_hash is None and not article.is_target


def _row(claim: Claim) -> dict[str, object]:
    return {
        "url_key": url_key(claim.url),
        "article_id": claim.article.article_id,
        "url": claim.url,
        "kind": claim.kind,
        "seen_at": claim.seen_at,
    }


def _renamed(article: Known) -> dict[str, object]:
    return {"article_id": article.article_id, "url": article.identity, "url_key": url_key(article.identity)}
