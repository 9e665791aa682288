"""An object in S3, or in a service with its interface, by pyarrow's file system."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from pipelines.export.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEME = "s3://"
OPTIONS = {
    "AWS_ACCESS_KEY_ID": "access_key",
    "AWS_SECRET_ACCESS_KEY": "secret_key",
    "AWS_SESSION_TOKEN": "session_token",
    "AWS_ENDPOINT_URL": "endpoint_override",
    "AWS_REGION_NAME": "region",
}
"""pyarrow's options by the names of Scrapy's settings."""


@dataclass(frozen=True)
class S3:
    bucket: str
    key: str
    options: Mapping[str, str]

    @classmethod
    def parse(cls, url: str, settings: Mapping[str, Any]) -> Self:
        """Return the object at an ``s3://`` URL. Raise RefusedError for a malformed URL.

        :param settings: Scrapy's, by their names; what is not set there is taken from the environment or ``~/.aws``.
        """
        bucket, _, key = url.removeprefix(SCHEME).partition("/")
        if not bucket or not key or key.endswith("/"):
            raise RefusedError(f"{url} names no object: s3://BUCKET/KEY")
        return cls(bucket, key, {option: settings[name] for name, option in OPTIONS.items() if settings.get(name)})

    @cached_property
    def _system(self) -> Any:
        try:
            from pyarrow.fs import S3FileSystem  # noqa: PLC0415 - an extra
        except ImportError:
            raise RefusedError(
                "this build of pyarrow has no S3: use that of PyPI, or write a file and copy it"
            ) from None
        try:
            if self.options:
                return S3FileSystem(**self.options)
            # Unlike the constructor this obeys AWS_ENDPOINT_URL, and asks for the bucket's region.
            return S3FileSystem.from_uri(f"{SCHEME}{self.bucket}")[0]
        except (OSError, ValueError) as error:
            raise RefusedError(f"{SCHEME}{self.bucket}: {_first_line(error)}") from error

    def check(self) -> None:
        """Raise RefusedError where the bucket is absent or does not answer."""
        from pyarrow.fs import FileType  # noqa: PLC0415 - an extra

        try:
            found = self._system.get_file_info(self.bucket)
        except OSError as error:
            if "ACCESS_DENIED" in str(error):  # to look at the bucket; it may still take objects
                return
            raise RefusedError(f"{SCHEME}{self.bucket}: {_first_line(error)}") from error
        if found.type == FileType.NotFound:
            raise RefusedError(f"there is no bucket {self.bucket}")

    def upload(self, path: Path) -> None:
        """Store the file as the object. Raise ``OSError``, and then there is no new object.

        pyarrow completes an upload that it began when the stream is closed, also after an error of its caller. So it copies a
        whole file, in one call that a signal does not interrupt.
        """
        from pyarrow.fs import LocalFileSystem, copy_files  # noqa: PLC0415 - an extra

        target = f"{self.bucket}/{self.key}"
        copy_files(str(path), target, source_filesystem=LocalFileSystem(), destination_filesystem=self._system)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
