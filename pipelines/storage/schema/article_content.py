"""What an article's page shows, as its columns hold it: the values, their hashes, and which of them makes a revision."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pipelines.storage.schema.models import Article as Row
from pipelines.storage.schema.models import ArticleRevision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartdaily_crawler.items import Article

COLUMNS = tuple(column.name for column in Row.__table__.columns if "change" in column.info)
"""Names of the content's columns, in ``article`` and in ``article_revision``."""
CHANGES: dict[str, str] = {
    column.name: column.info["change"] for column in Row.__table__.columns if column.info.get("change")
}
"""Column whose other value makes a revision -> its name in ``changed_fields``."""
RAW = tuple(column.name for column in ArticleRevision.__table__.columns if column.name.endswith("_raw"))
"""Names of the revision's columns for the strings that fields were read from."""


@dataclass(frozen=True, slots=True)
class PageContent:
    """One page's content."""

    values: dict[str, Any]
    """By column."""
    content_hash: bytes
    """sha256 of what makes a revision."""
    text_hash: bytes | None
    """sha256 of title and body, by which duplicates are found; ``None`` without a body: a title alone makes none."""

    @classmethod
    def of(cls, page: Article) -> PageContent:
        values = {
            **{name: getattr(page, name) for name in COLUMNS},
            "body": "\n\n".join(page.body) or None,
            "images": [asdict(image) for image in page.images],
        }
        text = (values["title"], values["body"]) if values["body"] else None
        return cls(values, _hash([values[name] for name in CHANGES]), _hash(text) if text else None)

    def changes_from(self, former: Mapping[str, Any]) -> list[str]:
        """Return the ``changed_fields`` of the revision that this page makes of *former*; empty where it makes none."""
        return list(dict.fromkeys(field for name, field in CHANGES.items() if self.values[name] != former[name]))


def _hash(values: Any) -> bytes:
    return sha256(json.dumps(values, ensure_ascii=False, default=_in_utc).encode()).digest()


def _in_utc(value: date) -> str:
    return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()
