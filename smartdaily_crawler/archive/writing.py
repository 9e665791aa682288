"""Write the responses of one run to WARC files: a member of gzip for each record, and a new file where one is full."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from errno import ENOSPC
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import uuid4

from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from smartdaily_crawler.archive.places import EVIDENCE, NoRecordError, Place, record_at

_VERSION = "WARC/1.1"
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_UNCHANGED, _IDENTICAL = f"{_PROFILE}server-not-modified", f"{_PROFILE}identical-payload-digest"
_OK, _NOT_MODIFIED = 200, 304
_BY_TRANSFER = ("transfer-encoding", "content-length")
"""Headers about the way a body was sent, which is stored without it."""

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response."""

    url: str
    at: datetime
    """Time of the response, timezone-aware."""
    method: str
    request_headers: Headers
    request_body: bytes
    status: int
    headers: Headers
    body: bytes
    """As it was sent: with its ``Content-Encoding``."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What the page was read by beside its bytes, as JSON values."""
    known: str | None = None
    """Place of the page's record of an earlier run; ``None`` if there is none."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a response."""

    place: str | None
    """Of the record with its bytes: an earlier one if the page is unchanged, and ``None`` if that is not known."""
    size: int
    """Bytes in the archive, its request included."""
    is_revisit: bool


class ArchiveWriter:
    """The files of one run, in a folder of its site. Not safe for several threads at a time.

    A file is opened with its first record, and each response is written to it at once with its request, so that a killed run leaves
    whole records, and at most one that is cut.
    """

    def __init__(self, folder: Path, site: str, info: Mapping[str, str], *, most: int) -> None:
        """
        :param info: fields of the record ``warcinfo``.
        :param most: bytes after which a file is closed.
        """
        self._folder, self._most, self._info = folder, most, info
        self._site = re.sub(r"[^\w.-]", "_", site)
        self._series = f"{datetime.now(UTC):%Y%m%d%H%M%S}-{info.get('run') or 'x'}-{uuid4().hex[:8]}"
        self._serial = 0
        self._file: IO[bytes] | None = None
        self._name = ""
        self._written: dict[str, str] = {}
        """By URL, the place of its last response with a body in this run."""

    def write(self, exchange: Exchange) -> Kept:
        """Write a response and its request. Raise OSError; then nothing of them is in a file that is read."""
        digest = _digest(exchange.body)
        earlier = self._earlier(exchange, digest)
        is_revisit = exchange.status == _NOT_MODIFIED or earlier is not None
        with BytesIO() as records:
            writer = WARCWriter(records, gzip=True, warc_version=_VERSION)
            response = _response(writer, exchange, digest, earlier)
            writer.write_record(response)
            writer.write_record(_request(writer, exchange, response))
            content = records.getvalue()
        place = self._append(content)
        if is_revisit:
            return Kept(str(earlier.place) if earlier else None, len(content), is_revisit=True)
        if exchange.status == _OK:
            self._written[exchange.url] = str(place)
        return Kept(str(place), len(content), is_revisit=False)

    def close(self) -> None:
        """Close the file, on the disk. Raise OSError."""
        if self._file is not None:
            file, self._file = self._file, None
            with file:
                os.fsync(file.fileno())

    def _append(self, content: bytes) -> Place:
        file = self._file or self._open()
        offset = file.tell()
        try:
            _write_whole(file, content)
        except OSError:
            with suppress(OSError):
                file.truncate(offset)
            self._file = None  # the next record begins another file, whatever this one ends with
            with suppress(OSError):
                file.close()
            raise
        if file.tell() >= self._most:
            self.close()
        return Place(self._name, offset)

    def _open(self) -> IO[bytes]:
        name = f"{self._site}/{self._series}-{self._serial:05}.warc.gz"
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with BytesIO() as record:
            writer = WARCWriter(record, gzip=True, warc_version=_VERSION)
            writer.write_record(writer.create_warcinfo_record(path.name, self._info))
            begin = record.getvalue()
        file = path.open("xb", buffering=0)
        self._serial += 1
        try:
            _write_whole(file, begin)
        except OSError:
            with suppress(OSError):
                file.close()
                path.unlink()
            raise
        self._file, self._name = file, name
        return file

    def _earlier(self, exchange: Exchange, digest: str) -> _Earlier | None:
        """Return the record of which the response is a repetition; ``None`` if it is none."""
        place = self._written.get(exchange.url) or exchange.known
        if place is None or exchange.status not in (_OK, _NOT_MODIFIED):
            return None
        try:
            earlier = _Earlier.read(self._folder, place)
        except (NoRecordError, OSError):
            return None
        return earlier if exchange.status == _NOT_MODIFIED or earlier.digest == digest else None


def _write_whole(file: IO[bytes], content: bytes) -> None:
    """Write to a file without a buffer. Raise OSError where it takes a part only, as on a full disk."""
    if file.write(content) != len(content):
        raise OSError(ENOSPC, os.strerror(ENOSPC), file.name)


@dataclass(frozen=True, slots=True)
class _Earlier:
    place: Place
    id: str
    url: str
    date: str
    digest: str

    @classmethod
    def read(cls, folder: Path, place: str) -> _Earlier:
        at = Place.parse(place)
        record = record_at(folder, at)
        return cls(at, *(record.fields.get(name, "") for name in _REFERRED))


_REFERRED = ("WARC-Record-ID", "WARC-Target-URI", "WARC-Date", "WARC-Payload-Digest")


def _response(builder: RecordBuilder, exchange: Exchange, digest: str, earlier: _Earlier | None = None) -> Any:
    phrase = HTTPStatus(exchange.status).phrase if exchange.status in HTTPStatus._value2member_map_ else ""
    sent = [(name, value) for name, value in exchange.headers if name.lower() not in _BY_TRANSFER]
    is_revisit = earlier is not None or exchange.status == _NOT_MODIFIED
    if not is_revisit:
        sent.append(("Content-Length", str(len(exchange.body))))
    fields = {"WARC-Date": _date(exchange.at), "WARC-Payload-Digest": digest}
    if exchange.evidence:
        fields[EVIDENCE] = json.dumps(exchange.evidence, separators=(",", ":"))
    if is_revisit:
        fields["WARC-Profile"] = _UNCHANGED if exchange.status == _NOT_MODIFIED else _IDENTICAL
        if exchange.status == _NOT_MODIFIED:
            del fields["WARC-Payload-Digest"]
        if earlier:
            fields |= {
                "WARC-Refers-To": earlier.id,
                "WARC-Refers-To-Target-URI": earlier.url,
                "WARC-Refers-To-Date": earlier.date,
                "WARC-Payload-Digest": earlier.digest,
            }
    body = b"" if is_revisit else exchange.body
    return builder.create_warc_record(
        exchange.url,
        "revisit" if is_revisit else "response",
        payload=BytesIO(body),
        length=len(body),
        warc_headers_dict=fields,
        http_headers=StatusAndHeaders(f"{exchange.status} {phrase}".strip(), sent, protocol="HTTP/1.1"),
    )


def _request(builder: RecordBuilder, exchange: Exchange, response: Any) -> Any:
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [("Host", parts.netloc), *exchange.request_headers]
    fields = {"WARC-Date": _date(exchange.at), "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
    return builder.create_warc_record(
        exchange.url,
        "request",
        payload=BytesIO(exchange.request_body),
        length=len(exchange.request_body),
        warc_headers_dict=fields,
        http_headers=StatusAndHeaders(f"{exchange.method} {target} HTTP/1.1", headers, is_http_request=True),
    )


def _digest(body: bytes) -> str:
    digester = Digester("sha1")
    digester.update(body)
    return str(digester)


def _date(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
