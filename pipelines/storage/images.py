"""The pictures that were requested: one row for each URL, with the latest outcome and the file that is kept.

May import what ``storage.text`` may.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, text

from pipelines.storage.schema import models
from pipelines.storage.schema.recordset import recordset, send
from smartdaily_crawler.items import ImageOutcome
from smartdaily_crawler.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from pipelines.storage.schema.run_key import RunKey


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageFile:
    """A file in the store; the fields are those of the table."""

    path: str
    """Relative to ``IMAGES_STORE``."""
    checksum: bytes
    """sha256 of its bytes."""
    size: int
    """In bytes."""
    media_type: str
    width: int
    height: int
    """In pixels."""
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptImage:
    """What is known of a picture's URL."""

    outcome: ImageOutcome
    reason: str | None = None
    at: datetime
    """Time of the outcome, UTC."""
    file: ImageFile | None = None
    """``None`` if none is kept."""

    @classmethod
    def without_file(cls, outcome: ImageOutcome, reason: str) -> KeptImage:
        return cls(outcome=outcome, reason=reason, at=datetime.now(UTC))


_OF_FILE = tuple(field.name for field in fields(ImageFile))
_OUTCOME = ("outcome", "reason", "at")
_COLUMNS = ("url_key", "url", *_OUTCOME, *_OF_FILE)
# A run that is killed leaves these rows as they are, and what they tell is true.
_BEGIN = text(f"""
    INSERT INTO crawl.image (url_key, site_id, url, outcome, reason, at)
    SELECT url_key, :site_id, url, 'skipped', '{Reason.RUN_STOPPED}', at FROM {recordset(models.Image, "url_key url at")}
    ORDER BY url_key
    ON CONFLICT (url_key) DO NOTHING
""")
_LEFT = text(f"""
    SELECT url FROM crawl.image WHERE site_id = :site_id AND reason = '{Reason.RUN_STOPPED}' ORDER BY at LIMIT :most
""")
_KNOWN = text(f"""
    SELECT url, {", ".join((*_OUTCOME, *_OF_FILE))} FROM crawl.image WHERE url_key IN :keys
""").bindparams(bindparam("keys", expanding=True))
# The file stays when its URL answers no more, or something else. In the order of the keys, so that two runs do not wait for each other.
_WRITE = text(f"""
    INSERT INTO crawl.image AS i (site_id, {", ".join(_COLUMNS)})
    SELECT :site_id, {", ".join(_COLUMNS)} FROM {recordset(models.Image, _COLUMNS)}
    ORDER BY url_key
    ON CONFLICT (url_key) DO UPDATE SET
        {", ".join(f"{name} = EXCLUDED.{name}" for name in _OUTCOME)},
        {", ".join(f"{name} = CASE WHEN EXCLUDED.path IS NULL THEN i.{name} ELSE EXCLUDED.{name} END" for name in _OF_FILE)}
    WHERE i.at <= EXCLUDED.at
""")


def begin(connection: Connection, run: RunKey, urls: Sequence[str]) -> dict[str, KeptImage]:
    """Return what is known of those of the URLs that were requested before; until the others have an outcome it is ``run_stopped``."""
    found = {}
    for row in connection.execute(_KNOWN, {"keys": [_key(url) for url in urls]}):
        file = None
        if row.path is not None:
            file = ImageFile(**{name: getattr(row, name) for name in _OF_FILE} | {"checksum": bytes(row.checksum)})
        found[row.url] = KeptImage(outcome=row.outcome, reason=row.reason, at=row.at, file=file)
    now = datetime.now(UTC)
    new = ({"url_key": _key(url), "url": url, "at": now} for url in urls if url not in found)
    send(connection, _BEGIN, new, site_id=run.site_id)
    return found


def left(connection: Connection, run: RunKey, most: int) -> list[str]:
    """Return the URLs that earlier runs of the site have left, those that wait longest first; at most so many."""
    return list(connection.scalars(_LEFT, {"site_id": run.site_id, "most": most}))


def write(connection: Connection, run: RunKey, images: Iterable[tuple[str, KeptImage]]) -> int:
    """Store the outcomes of URLs; of several for one the latest. Return for how many. Safe to repeat."""
    rows: dict[str, dict[str, object]] = {}
    for url, image in sorted(images, key=lambda pair: pair[1].at):
        of_file = asdict(image.file) if image.file else dict.fromkeys(_OF_FILE)
        rows[url] = {
            "url_key": _key(url),
            "url": url,
            "outcome": image.outcome,
            "reason": image.reason,
            "at": image.at,
            **of_file,
        }
    send(connection, _WRITE, rows.values(), site_id=run.site_id)
    return len(rows)


def _key(url: str) -> bytes:
    """Return the key of a URL. Two URLs of one page are one page; two of a picture may be two sizes, so this is of the URL itself."""
    return sha256(url.encode()).digest()
