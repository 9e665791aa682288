"""Refuse a response whose body is a part of the page, or is too large once it is decompressed.

Scrapy decompresses as much as there is, and takes that for the page.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from scrapy.exceptions import DownloadCancelledError, ResponseDataLossError
from scrapy.http import Response

try:  # Scrapy requires one of the two
    import brotli  # type: ignore[import-untyped]
except ImportError:
    import brotlicffi as brotli  # type: ignore[import-not-found]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PARTIAL = 206
_CHUNK = 65_536
"""Bytes decompressed at once."""
_END = re.compile(rb"</html\s*>\s*\Z", re.IGNORECASE)
_TAIL = 64
"""Last bytes of a page that are searched for its end."""
_WHOLE_RANGE = re.compile(r"bytes 0-(\d+)/(\d+)", re.IGNORECASE)


class _Stream(Protocol):
    """A compressed body, decompressed in chunks; ``eof`` is true if its end was reached."""

    @property
    def eof(self) -> bool: ...
    def chunks(self) -> Iterator[bytes]: ...


class _Inflated:
    """Body of the codings gzip and deflate, the latter with its header or without. A gzip body may have several members."""

    def __init__(self, body: bytes, *window_bits: int) -> None:
        self._body = body
        self._window_bits = window_bits
        self.eof = False

    def chunks(self) -> Iterator[bytes]:
        rest = self._body
        inflater = self._inflater()
        while rest:
            if chunk := inflater.decompress(rest, _CHUNK):
                yield chunk
            self.eof, rest = inflater.eof, inflater.unconsumed_tail
            if inflater.eof and inflater.unused_data.startswith(b"\x1f\x8b"):
                rest, inflater = inflater.unused_data, self._inflater()
            elif not chunk:
                break

    def _inflater(self) -> zlib._Decompress:
        for bits in self._window_bits:
            try:
                zlib.decompressobj(bits).decompress(self._body[:_CHUNK], 1)
            except zlib.error:
                continue
            return zlib.decompressobj(bits)
        raise ResponseDataLossError("the body is not in the coding that its header names")


class _Brotli:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._decompressor = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.is_finished())

    def chunks(self) -> Iterator[bytes]:
        chunk = self._decompressor.process(self._body, output_buffer_limit=_CHUNK)
        while chunk:
            yield chunk
            chunk = b"" if self.eof else self._decompressor.process(b"", output_buffer_limit=_CHUNK)


class _Zstandard:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._decompressor = zstd.ZstdDecompressor()

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.eof)

    def chunks(self) -> Iterator[bytes]:
        chunk = self._decompressor.decompress(self._body, _CHUNK)
        while chunk:
            yield chunk
            chunk = b"" if self.eof or self._decompressor.needs_input else self._decompressor.decompress(b"", _CHUNK)


_STREAMS: dict[str, Callable[[bytes], _Stream]] = {
    "gzip": lambda body: _Inflated(body, 31),
    "x-gzip": lambda body: _Inflated(body, 31),
    "deflate": lambda body: _Inflated(body, 15, -15),
    "br": _Brotli,
    "zstd": _Zstandard,
}
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError)


def check_whole(response: Response, max_size: int) -> None:
    """Raise ``ResponseDataLossError`` for a body that is cut or damaged, ``DownloadCancelledError`` for one that is too large.

    Drop the header of a coding that the body does not have.

    :param max_size: bytes after decompression; 0 for no limit.
    """
    if response.status == _PARTIAL and not _is_all(_header(response, "Content-Range")):
        raise ResponseDataLossError(f"{response.url} answers with a part of the page")
    codings = [coding for coding in re.split(r"[\s,]+", _header(response, "Content-Encoding").lower()) if coding]
    # Of several codings, which no server applies to pages, Scrapy makes what it can.
    if len(codings) != 1 or codings[0] not in _STREAMS or not response.body:
        return
    if codings[0] in ("gzip", "x-gzip") and not response.body.startswith(b"\x1f\x8b"):
        del response.headers["Content-Encoding"]
        return
    _check_stream(_STREAMS[codings[0]](response.body), response.url, max_size)


def _check_stream(stream: _Stream, url: str, max_size: int) -> None:
    size, tail = 0, b""
    try:
        for chunk in stream.chunks():
            size += len(chunk)
            tail = (tail + chunk)[-_TAIL:]
            if max_size and size > max_size:
                raise DownloadCancelledError(f"{url} has more than {max_size} bytes when it is decompressed")
    except _ERRORS as error:
        raise ResponseDataLossError(f"{url} cannot be decompressed: {error}") from error
    # Some servers send the page and leave the stream open.
    if not stream.eof and not _END.search(tail):
        raise ResponseDataLossError(f"{url} ends after {size} decompressed bytes, within its compressed stream")


def _is_all(content_range: str) -> bool:
    """Return whether a range is the whole page.

    >>> _is_all("bytes 0-99/100"), _is_all("bytes 0-49/100"), _is_all("")
    (True, False, False)
    """
    found = _WHOLE_RANGE.fullmatch(content_range.strip())
    return found is not None and int(found[1]) + 1 == int(found[2])


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")
