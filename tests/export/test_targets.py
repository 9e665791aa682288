"""Where an export goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.export.errors import RefusedError
from pipelines.export.s3 import S3
from pipelines.export.targets import opened


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_no_half_file(tmp_path: Path, error: type[BaseException]) -> None:
    file = tmp_path / "a.csv"
    with pytest.raises(error), opened(str(file)) as sink:  # noqa: PT012 - the block is what is tested
        sink.write(b"half")
        sink.flush()
        assert len(list(tmp_path.iterdir())) == 1
        raise error
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with opened(str(tmp_path / "link")) as sink:
        sink.write(b"new")
    assert ((tmp_path / "real").read_text(), (tmp_path / "link").is_symlink()) == ("new", True)


@pytest.mark.parametrize("url", ["s3://", "s3://bucket", "s3://bucket/", "s3://bucket/folder/", "s3:///key"])
def test_urls_that_name_no_object(url: str) -> None:
    with pytest.raises(RefusedError, match="names no object: s3://BUCKET/KEY"):
        S3.parse(url, {})
