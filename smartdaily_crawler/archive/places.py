"""Find and read records by their place; look at whole files."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

EVIDENCE = "Smartdaily-Page"
"""Field of a record's header with what the page was read by, as JSON."""
_PART = 65_536
"""Bytes that are read at a time."""


class NoRecordError(Exception):
    """There is no whole record at a place; the message is one line that names it."""


class Place(NamedTuple):
    """Place of a record: a file relative to the archive's folder, and an offset in bytes."""

    file: str
    offset: int

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"

    @classmethod
    def parse(cls, place: str) -> Place:
        """Return the place. Raise NoRecordError for what is none, or leads out of the folder.

        >>> Place.parse("news.example/20260306-7-0.warc.gz:412")
        Place(file='news.example/20260306-7-0.warc.gz', offset=412)
        """
        file, _, offset = place.rpartition(":")
        if not file or not offset.isdecimal() or Path(file).is_absolute() or ".." in Path(file).parts:
            raise NoRecordError(f"{place!r} is no place of a record")
        return cls(file, int(offset))


@dataclass(frozen=True, slots=True)
class Record:
    """A response in the archive."""

    url: str
    at: datetime
    """Time of the response, UTC."""
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    """As it was sent."""
    fields: dict[str, str]
    """The record's own header."""
    evidence: dict[str, Any]


def record_at(folder: Path, place: Place) -> Record:
    """Return the response at a place. Raise NoRecordError where there is none, or only a part of one."""
    try:
        with (folder / place.file).open("rb") as file:
            file.seek(place.offset)
            content = _member(file)
        for record in ArchiveIterator(content):
            if record.rec_type == "response":
                return _record(record)
    except (OSError, ArchiveLoadFailed, zlib.error, ValueError) as error:
        raise NoRecordError(f"{place}: {getattr(error, 'strerror', None) or error}") from error
    except (AttributeError, KeyError) as error:  # warcio's and ours, for a field of the header that is missing
        raise NoRecordError(f"{place}: the record lacks a field of its header") from error
    raise NoRecordError(f"{place}: no response is there")


def _member(file: BinaryIO) -> BytesIO:
    """Return what a member of gzip holds. Raise ValueError if it is cut: warcio would take what is left for a record."""
    decompressor, content = zlib.decompressobj(wbits=31), BytesIO()
    while not decompressor.eof:
        part = file.read(_PART)
        if not part:
            raise ValueError("the record is cut")
        content.write(decompressor.decompress(part))
    content.seek(0)
    return content


def _record(record: Any) -> Record:
    fields = dict(record.rec_headers.headers)
    return Record(
        url=fields["WARC-Target-URI"],
        at=datetime.fromisoformat(fields["WARC-Date"]),
        status=int(record.http_headers.get_statuscode()),
        headers=list(record.http_headers.headers),
        body=record.raw_stream.read(),
        fields=fields,
        evidence=json.loads(fields.get(EVIDENCE) or "{}"),
    )
