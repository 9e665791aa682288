"""The tables of schema ``crawl``; their comments are the schema's documentation.

The writers have SQL of their own, as they write sets of rows; these classes define the tables.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from smartdaily_crawler.items import ImageOutcome, Kind, OutcomeName

STATES = ("discovered", "fetched", "gone")
ADDRESS_KINDS = ("identity", "requested", "final")


class XID8(UserDefinedType[str]):
    """A transaction's 64-bit id, which does not wrap around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


ischema_names["xid8"] = XID8  # so that comparing the schema with the models knows the type

Key = Annotated[bytes, mapped_column(LargeBinary)]
Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Big = Annotated[int, mapped_column(BigInteger)]
OneOfArticle = Annotated[
    int,
    mapped_column(
        BigInteger,
        ForeignKey("crawl.article.article_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="Article",
    ),
]
"""Key of a table with at most one row of an article."""


class Base(DeclarativeBase):
    metadata = MetaData(
        schema="crawl",
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        int: Integer,
        bytes: LargeBinary,
        date: Date,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(Integer),
    }


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Site(Base):
    __tablename__ = "site"
    __table_args__ = ({"comment": "A news site"},)

    site_id: Mapped[Id] = mapped_column(comment="Key")
    name: Mapped[str] = mapped_column(unique=True, comment="Host of the site, with its port unless default")
    base_url: Mapped[str] = mapped_column(comment="URL of the home page at the latest run")
    timezone: Mapped[str] = mapped_column(comment="IANA name of the time zone of the times printed on its pages")


class Lease(Base):
    __tablename__ = "lease"
    __table_args__ = (
        {"comment": "Who holds a site or the text queue: a table, as any role may take any advisory lock"},
    )

    name: Mapped[str] = mapped_column(primary_key=True, comment="Name of the site, or text queue")
    process: Mapped[int | None] = mapped_column(comment="Process of the server whose session holds the site")
    connected_at: Mapped[datetime | None] = mapped_column(comment="Start of that session; the lease ends with it")
    holder: Mapped[str | None] = mapped_column(comment="Random name of the run, which may take its lease again")


class Category(Base):
    __tablename__ = "category"
    __table_args__ = (
        UniqueConstraint("site_id", "name"),
        {"comment": "A category of a site's navigation; or, if is_feed, a feed or sitemap, which the views leave out"},
    )

    category_id: Mapped[Id] = mapped_column(comment="Key")
    site_id: Mapped[Big] = mapped_column(ForeignKey("crawl.site.site_id"), comment="Site of the category")
    name: Mapped[str] = mapped_column(comment="Name in the navigation; of a feed its URL")
    url: Mapped[str] = mapped_column(comment="URL of its first list page")
    position: Mapped[int | None] = mapped_column(
        comment="1-based position in the navigation; NULL until it was seen there"
    )
    first_seen_at: Mapped[datetime] = mapped_column(comment="First sighting")
    last_seen_at: Mapped[datetime] = mapped_column(comment="Latest sighting in the navigation")
    caught_up_at: Mapped[datetime | None] = mapped_column(
        comment="End of the latest walk that read its list pages up to known entries or the end; NULL before the first"
    )
    is_feed: Mapped[bool] = mapped_column(server_default=text("false"), comment="Whether it is a feed or a sitemap")


class Run(Base):
    __tablename__ = "crawl_run"
    __table_args__ = (Index(None, "site_id", "run_id"), {"comment": "One run of a spider"})

    run_id: Mapped[Id] = mapped_column(comment="Key")
    site_id: Mapped[Big] = mapped_column(ForeignKey("crawl.site.site_id"), comment="Site of the run")
    spider: Mapped[str] = mapped_column(comment="Name of the spider")
    job: Mapped[str | None] = mapped_column(comment="scrapyd's id of the job, NULL outside scrapyd")
    version: Mapped[str] = mapped_column(comment="Version of the crawler")
    arguments: Mapped[dict[str, Any]] = mapped_column(comment="The spider's arguments")
    started_at: Mapped[datetime] = mapped_column(comment="Start, by the database's clock")
    finished_at: Mapped[datetime | None] = mapped_column(
        comment="End of the run; NULL while it runs, or if it was killed"
    )
    reason: Mapped[str | None] = mapped_column(comment="Reason why the spider closed")
    verdict: Mapped[str | None] = mapped_column(
        comment="Verdict on the run: healthy, degraded, stopped, incomplete, failed; refused: another run of the site was under way"
    )
    stats: Mapped[dict[str, Any] | None] = mapped_column(comment="The crawler's counters at the end")


class ScheduledSite(Base):
    __tablename__ = "scheduled_site"
    __table_args__ = (
        Index("ix_scheduled_site_due", "due_at", postgresql_where=text("paused_at IS NULL")),
        {
            "comment": "A site on the list of those that are crawled again and again (scrapy sites), and its latest run by a worker"
        },
    )

    site: Mapped[str] = mapped_column(primary_key=True, comment="Host of the site, with its port unless default")
    name: Mapped[str] = mapped_column(unique=True, comment="Name that its operator gave it; the host if none was given")
    url: Mapped[str] = mapped_column(comment="URL of the home page")
    spider: Mapped[str] = mapped_column(comment="Name of the spider")
    every: Mapped[int] = mapped_column(comment="Seconds from the start of a run to the start of the next one")
    arguments: Mapped[dict[str, Any]] = mapped_column(comment="The spider's arguments, as text by name")
    profile_name: Mapped[str | None] = mapped_column(comment="Name of the profile; NULL for the spider's own")
    profile: Mapped[str | None] = mapped_column(comment="The profile, TOML; NULL for the spider's own")
    added_at: Mapped[datetime] = mapped_column(comment="Time at which it was added")
    paused_at: Mapped[datetime | None] = mapped_column(comment="Time since when it is not crawled; NULL if it is")
    due_at: Mapped[datetime] = mapped_column(comment="Time from which the next run may start")
    worker: Mapped[str | None] = mapped_column(comment="Worker that started the latest run; NULL before the first")
    job: Mapped[str | None] = mapped_column(comment="Job of that run, as crawl_run has it")
    started_at: Mapped[datetime | None] = mapped_column(comment="Start of that run")
    ended_at: Mapped[datetime | None] = mapped_column(
        comment="End of that run; NULL while it runs, or if its worker died"
    )
    exit_code: Mapped[int | None] = mapped_column(
        comment="Exit code of its process; of one that a signal killed minus the number of the signal"
    )
    verdict: Mapped[str | None] = mapped_column(comment="Verdict on that run; failed if the process gave none")
    reason: Mapped[str | None] = mapped_column(comment="Why it is not healthy, one line")


class Worker(Base):
    __tablename__ = "worker"
    __table_args__ = ({"comment": "A process that takes runs of the scheduled sites (scrapy worker)"},)

    name: Mapped[str] = mapped_column(primary_key=True, comment="Name of the worker, by default that of its machine")
    slots: Mapped[int] = mapped_column(comment="Number of runs that it has at once, at most")
    version: Mapped[str] = mapped_column(comment="Version of the crawler")
    started_at: Mapped[datetime] = mapped_column(comment="Start")
    heartbeat_at: Mapped[datetime] = mapped_column(comment="Latest sign of life")
    stopped_at: Mapped[datetime | None] = mapped_column(
        comment="Time at which it was stopped; NULL if it runs, or died"
    )
    spool: Mapped[list[Any]] = mapped_column(
        comment="What its spool held then: [{site, files, bytes, oldest}], the last in seconds since 1970"
    )


class Listing(Base):
    __tablename__ = "listing"
    __table_args__ = ({"comment": "One list page of a category"},)

    listing_id: Mapped[Id] = mapped_column(comment="Key")
    category_id: Mapped[Big] = mapped_column(
        ForeignKey("crawl.category.category_id"), index=True, comment="Category of the list page"
    )
    page: Mapped[int] = mapped_column(comment="1-based number within the category")
    url_key: Mapped[Key] = mapped_column(unique=True, comment="sha256 of url")
    url: Mapped[str] = mapped_column(comment="Canonical URL")
    etag: Mapped[str | None] = mapped_column(comment="Validator as the server sent it")
    last_modified: Mapped[str | None] = mapped_column(comment="Validator as the server sent it")
    raw_hash: Mapped[bytes | None] = mapped_column(comment="sha256 of the response's bytes")
    last_fetched_at: Mapped[datetime] = mapped_column(comment="Latest fetch")
    known_share: Mapped[float | None] = mapped_column(
        comment="Share of the entries at the latest fetch that were known before it, 0 to 1; NULL without entries"
    )


def _content(comment: str, *, change: str | None = None) -> Any:
    """Return a column of ``Content``.

    :param change: name in ``changed_fields``, if another value makes a revision; ``None`` if it does not.
    """
    return mapped_column(comment=comment, info={"change": change}, sort_order=1)


class Content:
    """Fields read from an article's page: of the latest revision in ``article``, of each one in ``article_revision``.

    The only list of an article's fields: statements, hash, changed fields, feed and views are made from it. The names are those of
    ``items.Article``. Add new ones at the end, as the views have them in this order.
    """

    title: Mapped[str | None] = _content("Heading; the text of the link while state is discovered", change="title")
    published_on: Mapped[date | None] = _content("Date of publication in the site's zone", change="published")
    published_at: Mapped[datetime | None] = _content(
        "Time of publication; NULL if the page prints only a date", change="published"
    )
    source: Mapped[str | None] = _content("Name of the source as printed, without its label", change="source")
    author: Mapped[str | None] = _content("Name of the author as printed, without its label", change="author")
    editor: Mapped[str | None] = _content("Name of the editor as printed, without its label", change="editor")
    summary: Mapped[str | None] = _content("Summary on the page; in article, if there is none, that of a list page")
    body: Mapped[str | None] = _content("Paragraphs joined by a blank line, plain text", change="body")
    images: Mapped[list[Any] | None] = _content(
        "Pictures in the body: [{url, caption, paragraph}], the last the number of paragraphs before it"
    )
    updated_at: Mapped[datetime | None] = _content(
        "Time of the last update as printed; NULL if the page prints none, or only a date"
    )


class Article(Content, Base):
    __tablename__ = "article"
    __table_args__ = (
        _one_of("state", STATES),
        # Unique as it comes from a sequence, but not declared so: an update of a unique key waits for every reference to the row.
        Index(None, "change_xid", "change_seq"),
        Index(None, "text_hash", postgresql_where=text("text_hash IS NOT NULL")),
        Index(None, "claimed_key", postgresql_where=text("claimed_key IS NOT NULL")),
        Index(None, "duplicate_of", postgresql_where=text("duplicate_of IS NOT NULL")),
        Index(None, "site_id", "published_on"),
        Index(None, "site_id", "state"),
        Index("ix_article_newest", "published_on", "article_id"),
        # A URL or a title may be longer than a b-tree can hold.
        Index("ix_article_by_url", "url", postgresql_using="hash"),
        Index("ix_article_by_title", "title", postgresql_using="hash"),
        Index("ix_article_unfetched", "site_id", "article_id", postgresql_where=text("last_fetched_at IS NULL")),
        Index("ix_article_missing", "site_id", "article_id", postgresql_where=text("missing_since IS NOT NULL")),
        {"comment": "An article: known from a link, fetched, or gone from the site"},
    )

    article_id: Mapped[Id] = mapped_column(comment="Key")
    site_id: Mapped[Big] = mapped_column(ForeignKey("crawl.site.site_id"), comment="Site it was found on")
    url_key: Mapped[Key] = mapped_column(unique=True, comment="sha256 of url")
    url: Mapped[str] = mapped_column(comment="Canonical form of the URL at which its page answers")
    claimed_key: Mapped[Key | None] = mapped_column(
        comment="sha256 of the canonical URL that its page names; it is another one's until its text confirms it"
    )
    state: Mapped[str] = mapped_column(
        comment="discovered: known from a link only; fetched; gone: removed from the site"
    )
    image_url: Mapped[str | None] = mapped_column(comment="First picture of the body, else the picture on a list page")
    content_hash: Mapped[bytes | None] = mapped_column(
        comment="sha256 of the fields of which a new value makes a revision; see article_revision.changed_fields"
    )
    text_hash: Mapped[bytes | None] = mapped_column(comment="sha256 of title and body; equal ones are duplicates")
    raw_hash: Mapped[bytes | None] = mapped_column(comment="sha256 of the response's bytes")
    etag: Mapped[str | None] = mapped_column(comment="Validator as the server sent it")
    last_modified: Mapped[str | None] = mapped_column(comment="Validator as the server sent it")
    parser_version: Mapped[str | None] = mapped_column(
        comment="Version of the code that read the page last, with or without a new revision"
    )
    record: Mapped[str | None] = mapped_column(
        comment="Where the archive has the page that was read last, as FILE:OFFSET, and after spaces its further pages; NULL if it has not"
    )
    revision: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Number of the latest revision, 0 before the first fetch"
    )
    duplicate_of: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("crawl.article.article_id"),
        comment="Earliest article with the same title and body, NULL for that one itself; of a gone article that moved, its row under the new URL",
    )
    first_seen_at: Mapped[datetime] = mapped_column(comment="First sighting, as a link or a page")
    last_seen_at: Mapped[datetime] = mapped_column(comment="Latest sighting; updated at most once per run for links")
    last_fetched_at: Mapped[datetime | None] = mapped_column(
        comment="Latest answer of its page, whatever it was, but for failures and 404"
    )
    last_changed_at: Mapped[datetime | None] = mapped_column(comment="Time of the fetch of the latest revision")
    missing_since: Mapped[datetime | None] = mapped_column(comment="First 404 since it last answered")
    missing_checked_at: Mapped[datetime | None] = mapped_column(comment="Latest 404 since it last answered")
    missing_run_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("crawl.crawl_run.run_id"), comment="Run that met the first 404"
    )
    change_xid: Mapped[str] = mapped_column(XID8, comment="Transaction of the latest change, for the feed")
    change_seq: Mapped[Big] = mapped_column(comment="Order of the latest change within its transaction")


class ArticleUrl(Base):
    __tablename__ = "article_url"
    __table_args__ = (
        _one_of("kind", ADDRESS_KINDS),
        Index("ix_article_url_by_url", "url", postgresql_using="hash", postgresql_where=text("kind <> 'identity'")),
        {"comment": "All URLs of all articles; the primary key decides which writer creates an article"},
    )

    url_key: Mapped[Key] = mapped_column(primary_key=True, comment="sha256 of url")
    article_id: Mapped[Big] = mapped_column(
        # A URL is inserted before the row of its article.
        ForeignKey("crawl.article.article_id", deferrable=True, initially="DEFERRED"),
        index=True,
        comment="Article of the URL",
    )
    url: Mapped[str] = mapped_column(comment="Canonical form of the URL")
    kind: Mapped[str] = mapped_column(
        comment="identity: the article's own URL; requested, or final after redirects, when its page was read"
    )
    first_seen_at: Mapped[datetime] = mapped_column(comment="First sighting")


class ArticleRevision(Content, Base):
    __tablename__ = "article_revision"
    __table_args__ = (
        PrimaryKeyConstraint("article_id", "revision"),
        Index("ix_article_revision_corrected", "fetched_at", postgresql_where=text("revision > 1")),
        {"comment": "One row per revision of an article"},
    )

    article_id: Mapped[Big] = mapped_column(ForeignKey("crawl.article.article_id"), comment="Article")
    revision: Mapped[int] = mapped_column(comment="1-based, without gaps")
    changed_fields: Mapped[list[str]] = mapped_column(
        comment="Those of title, published, source, author, editor, body that differ from the previous revision; empty in the first"
    )
    published_raw: Mapped[str | None] = mapped_column(comment="Text that published_on and published_at were read from")
    source_raw: Mapped[str | None] = mapped_column(comment="Text that source was read from, with its label")
    author_raw: Mapped[str | None] = mapped_column(comment="Text that author was read from, with its label")
    editor_raw: Mapped[str | None] = mapped_column(comment="Text that editor was read from, with its label")
    updated_raw: Mapped[str | None] = mapped_column(comment="Text that updated_at was read from")
    provenance: Mapped[dict[str, Any]] = mapped_column(comment="By field: method, selector, structure, meta or list")
    content_hash: Mapped[bytes] = mapped_column(comment="As in article")
    parser_version: Mapped[str] = mapped_column(comment="Version of the code that read the page")
    run_id: Mapped[Big] = mapped_column(ForeignKey("crawl.crawl_run.run_id"), index=True, comment="Run")
    fetched_at: Mapped[datetime] = mapped_column(comment="Time of the response")
    record: Mapped[str | None] = mapped_column(comment="Where the archive has the page, as in article")
    reread_at: Mapped[datetime | None] = mapped_column(
        comment="When the archived page was read again for this revision; NULL if the page was read as it came"
    )


class HeldPage(Base):
    __tablename__ = "held_page"
    __table_args__ = (
        {
            "comment": "A page that is not stored, but makes its article due: one with nothing in common with the article at its URL, as a notice has, or with another text at an alternate URL"
        },
    )

    article_id: Mapped[OneOfArticle]
    run_id: Mapped[Big] = mapped_column(ForeignKey("crawl.crawl_run.run_id"), comment="Run that read it last")
    title: Mapped[str | None] = mapped_column(comment="Title of the page; NULL for the page of an alternate URL")
    text_hash: Mapped[bytes | None] = mapped_column(
        comment="sha256 of title and body, as in article; NULL for the page of an alternate URL"
    )
    held_since: Mapped[datetime] = mapped_column(comment="Time of the first such page since the article's own one")


class ArticleSignature(Base):
    __tablename__ = "article_signature"
    __table_args__ = (
        # Each look-up would read the whole list of pending entries.
        Index(None, "bands", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        {
            "comment": "MinHash of an article's body, by which near-duplicates are found; none for bodies of less than 200 characters"
        },
    )

    article_id: Mapped[OneOfArticle]
    bands: Mapped[list[int]] = mapped_column(comment="24 hashes, each of 4 values; similar bodies have one in common")
    signature: Mapped[bytes] = mapped_column(
        "signature", comment="The lowest 8 bits of the 96 values; the share of equal ones estimates the similarity"
    )


class NearDuplicate(Base):
    __tablename__ = "near_duplicate"
    __table_args__ = (
        PrimaryKeyConstraint("article_id", "duplicate_of"),
        {
            "comment": "A pair of articles whose bodies have at least half of their sequences of five characters in common"
        },
    )

    article_id: Mapped[Big] = mapped_column(
        ForeignKey("crawl.article.article_id", ondelete="CASCADE"), comment="Later article"
    )
    duplicate_of: Mapped[Big] = mapped_column(
        ForeignKey("crawl.article.article_id", ondelete="CASCADE"),
        index=True,
        comment="Earlier article, by published_on, published_at, article_id",
    )
    similarity: Mapped[float] = mapped_column(
        comment="Jaccard similarity of the sequences of five characters, 0.5 to 1"
    )


class ArticleSearch(Base):
    __tablename__ = "article_search"
    __table_args__ = (
        Index(None, "pairs", postgresql_using="gin", postgresql_with={"gin_pending_list_limit": "1024"}),
        Index("ix_article_search_newest", text("published_on DESC NULLS LAST"), text("article_id DESC")),
        {"comment": "Texts as api.search looks them up"},
    )

    article_id: Mapped[OneOfArticle]
    published_on: Mapped[date | None] = mapped_column(comment="As in article")
    pairs: Mapped[list[int]] = mapped_column(comment="Codes of the pairs of neighbouring characters in title and body")


class TextQueue(Base):
    __tablename__ = "text_queue"
    __table_args__ = (
        {"comment": "Articles whose new text is still to be compared and indexed; the writer does so after each batch"},
    )

    text_queue_id: Mapped[Id] = mapped_column(
        comment="Key; rows are only inserted and deleted, so no writer waits for another"
    )
    article_id: Mapped[Big] = mapped_column(comment="Article; may have several rows")


class TextFault(Base):
    __tablename__ = "text_fault"
    __table_args__ = ({"comment": "An article whose text is not, or not wholly, compared and indexed"},)

    article_id: Mapped[OneOfArticle]
    at: Mapped[datetime] = mapped_column(comment="Time of the attempt")
    is_cut: Mapped[bool] = mapped_column(
        comment="True if only its beginning is compared and indexed, as it is too long"
    )
    reason: Mapped[str] = mapped_column(comment="Message of the database, or the length of the text")


class ArticleTeaser(Base):
    __tablename__ = "article_teaser"
    __table_args__ = (
        PrimaryKeyConstraint("from_article_id", "to_article_id", "block"),
        Index("ix_article_teaser_shown", "to_article_id", "shown_at", postgresql_where=text("shown_at IS NOT NULL")),
        # With what api.most_recommended counts.
        Index(
            "article_teaser_to_article_id_idx", "to_article_id", "from_article_id", postgresql_include=["removed_at"]
        ),
        {"comment": "A teaser on an article's page: an edge between two articles"},
    )

    from_article_id: Mapped[Big] = mapped_column(
        ForeignKey("crawl.article.article_id"), comment="Article whose page shows the teaser"
    )
    to_article_id: Mapped[Big] = mapped_column(
        ForeignKey("crawl.article.article_id"), comment="Article that the teaser links to"
    )
    block: Mapped[str] = mapped_column(
        comment="List of the page that contains the teaser: teasers, or ranking for a hot list"
    )
    position: Mapped[int] = mapped_column(comment="1-based position in its block")
    title: Mapped[str] = mapped_column(comment="Title as printed in the teaser")
    summary: Mapped[str | None] = mapped_column(comment="Summary as printed in the teaser, with its … where it is cut")
    published_on: Mapped[date | None] = mapped_column(comment="Date as printed in the teaser")
    image_url: Mapped[str | None] = mapped_column(comment="URL of the teaser's picture")
    first_seen_at: Mapped[datetime] = mapped_column(comment="First sighting on that page")
    last_seen_at: Mapped[datetime] = mapped_column(comment="Latest sighting on that page")
    removed_at: Mapped[datetime | None] = mapped_column(
        comment="First fetch of the page without it; NULL while it is shown"
    )
    shown_at: Mapped[datetime | None] = mapped_column(
        comment="Time at which the page showed another title or date of the target than before; NULL if it never did"
    )


class Image(Base):
    __tablename__ = "image"
    __table_args__ = (
        _one_of("outcome", get_args(ImageOutcome)),
        Index("ix_image_left", "site_id", postgresql_where=text("reason = 'run_stopped'")),
        {"comment": "A picture of articles that was requested, as IMAGES_STORE is set"},
    )

    url_key: Mapped[Key] = mapped_column(primary_key=True, comment="sha256 of url itself, unlike the keys of pages")
    site_id: Mapped[Big] = mapped_column(ForeignKey("crawl.site.site_id"), comment="Site of the run that met it first")
    url: Mapped[str] = mapped_column(comment="URL of the picture, as articles have it")
    outcome: Mapped[str] = mapped_column(comment="Latest outcome: stored, gone, rejected, failed, skipped")
    reason: Mapped[str | None] = mapped_column(
        comment="Reason of that, short and stable, such as not_a_picture or http_404; NULL if it was stored"
    )
    at: Mapped[datetime] = mapped_column(comment="Time of that")
    path: Mapped[str | None] = mapped_column(
        comment="File in IMAGES_STORE, of the latest time that it was stored; NULL if it never was, as are the next columns"
    )
    checksum: Mapped[bytes | None] = mapped_column(comment="sha256 of the file; pictures with the same one share it")
    size: Mapped[int | None] = mapped_column(comment="Bytes of the file")
    media_type: Mapped[str | None] = mapped_column(comment="Type by its bytes, such as image/png")
    width: Mapped[int | None] = mapped_column(comment="Pixels")
    height: Mapped[int | None] = mapped_column(comment="Pixels")
    fetched_at: Mapped[datetime | None] = mapped_column(comment="Time at which the file was fetched")


class ArticleCategory(Base):
    __tablename__ = "article_category"
    __table_args__ = (
        PrimaryKeyConstraint("article_id", "category_id"),
        Index("ix_article_category_shown", "category_id", "shown_at", postgresql_where=text("shown_at IS NOT NULL")),
        {"comment": "An article seen in a category"},
    )

    article_id: Mapped[Big] = mapped_column(ForeignKey("crawl.article.article_id"), comment="Article")
    category_id: Mapped[Big] = mapped_column(ForeignKey("crawl.category.category_id"), index=True, comment="Category")
    position: Mapped[int | None] = mapped_column(
        comment="1-based position over all pages of the category at the latest sighting; NULL if known from a breadcrumb only"
    )
    shown_hash: Mapped[bytes | None] = mapped_column(
        comment="sha256 of the title and date that the list shows; NULL if known from a breadcrumb only"
    )
    first_seen_at: Mapped[datetime] = mapped_column(comment="First sighting in the category")
    last_seen_at: Mapped[datetime] = mapped_column(comment="Latest sighting in the category")
    shown_at: Mapped[datetime | None] = mapped_column(
        comment="Time at which the list showed another title or date than before; NULL if it never did"
    )


class Outcome(Base):
    __tablename__ = "crawl_outcome"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "url_key"),
        _one_of("kind", get_args(Kind)),
        _one_of("outcome", get_args(OutcomeName)),
        {"comment": "One row per URL requested in a run, with its outcome"},
    )

    run_id: Mapped[Big] = mapped_column(ForeignKey("crawl.crawl_run.run_id"), comment="Run")
    url_key: Mapped[Key] = mapped_column(comment="sha256 of url")
    url: Mapped[str] = mapped_column(comment="Canonical form of the requested URL")
    kind: Mapped[str] = mapped_column(
        comment="Kind of page that was expected: home, listing, feed (or sitemap), article, or part of an article"
    )
    outcome: Mapped[str] = mapped_column(comment="Outcome")
    http_status: Mapped[int | None] = mapped_column(comment="HTTP status; NULL without a response")
    reason: Mapped[str | None] = mapped_column(
        comment="Reason of the outcome, short and stable, such as no_body or http_404"
    )
    attempts: Mapped[int] = mapped_column(comment="Number of requests, retries included")
    elapsed_ms: Mapped[int | None] = mapped_column(comment="Duration of the last attempt in milliseconds")
    at: Mapped[datetime] = mapped_column(comment="Time of the outcome")
    renderer: Mapped[str | None] = mapped_column(comment="Renderer: splash or playwright; NULL for plain HTTP")


class DeadLetter(Base):
    __tablename__ = "dead_letter"
    __table_args__ = ({"comment": "An item that the database refused, kept for repair"},)

    dead_letter_id: Mapped[Id] = mapped_column(comment="Key")
    run_id: Mapped[Big] = mapped_column(ForeignKey("crawl.crawl_run.run_id"), index=True, comment="Run")
    at: Mapped[datetime] = mapped_column(comment="Time at which the database refused it")
    url: Mapped[str] = mapped_column(comment="Requested URL")
    reason: Mapped[str] = mapped_column(comment="Message of the database")
    payload: Mapped[dict[str, Any]] = mapped_column(comment="The item: {type, fields}")
