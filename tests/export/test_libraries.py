"""What other programs read in an export. Their libraries are large: ``make exports`` installs them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.export.conftest import DAY, FORMULA, MARKUP
from tests.storage.making import NOON, url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.crawl.conftest import Scrapy

pytestmark = pytest.mark.usefixtures("stored")
BUCKET = "news"


def library(name: str) -> Any:
    return pytest.importorskip(name, reason="the libraries that read exports are not installed: make exports")


@pytest.fixture
def articles(scrapy: Scrapy, tmp_path: Path) -> Path:
    library("pyarrow")
    done = scrapy("export", "articles", "-o", str(tmp_path / "articles.parquet"))
    assert done.returncode == 0, done.stderr
    return tmp_path / "articles.parquet"


def test_arrow(articles: Path, scrapy: Scrapy, tmp_path: Path) -> None:
    parquet = library("pyarrow.parquet")
    file = parquet.ParquetFile(articles)
    assert file.schema_arrow.metadata[b"smartdaily.cursor"].count(b"-") == 2
    kinds = {each.name: str(each.type) for each in file.schema_arrow}
    assert kinds["images"] == "list<element: struct<url: string, caption: string>>"
    a, b, c, _ = file.read().to_pylist()
    assert (a["title"], a["published_on"], a["published_at"], a["first_seen_at"]) == (FORMULA, DAY, None, NOON)
    assert (a["images"], a["categories"]) == ([{"url": "http://news.example/p.png", "caption": "图"}], ["手机"])
    assert (b["title"], c["body"], c["images"], c["categories"]) == (MARKUP, None, None, [])
    for subject, rows in (("teasers", 2), ("revisions", 3), ("changes", 4), ("graph", 1)):
        done = scrapy("export", subject, "-o", str(tmp_path / "x.parquet"))
        assert done.returncode == 0, done.stderr
        assert parquet.read_metadata(tmp_path / "x.parquet").num_rows == rows


def test_pandas(articles: Path) -> None:
    read = library("pandas").read_parquet(articles, dtype_backend="pyarrow").set_index("url")
    assert str(read["published_on"].dtype) == "date32[day][pyarrow]"
    assert str(read["published_at"].dtype) == "timestamp[us, tz=UTC][pyarrow]"
    assert read["published_at"].dt.tz_convert("Asia/Shanghai")[url("d")].isoformat() == "2026-03-06T20:00:00+08:00"
    assert read["duplicate_of"].isna().all()
    assert list(read.explode("categories")["categories"].dropna()) == ["手机", "手机"]


def test_polars(articles: Path) -> None:
    pl = library("polars")
    read = pl.read_parquet(articles)
    assert [
        read.schema[name] for name in ("published_on", "published_at", "categories", "duplicate_of", "revision")
    ] == [*(pl.Date, pl.Datetime("us", "UTC"), pl.List(pl.String), pl.Int64, pl.Int32)]
    assert read["published_on"].to_list() == [DAY, None, None, date(2026, 3, 6)]
    assert read["images"].to_list()[0] == [{"url": "http://news.example/p.png", "caption": "图"}]


def test_duckdb(articles: Path) -> None:
    with library("duckdb").connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        names = "published_on, published_at, categories, images, duplicate_of"
        described = connection.execute(f"DESCRIBE SELECT {names} FROM '{articles}'").fetchall()
        assert [row[1] for row in described] == [
            *("DATE", "TIMESTAMP WITH TIME ZONE", "VARCHAR[]", "STRUCT(url VARCHAR, caption VARCHAR)[]", "BIGINT")
        ]
        query = f"SELECT hour(published_at) FROM '{articles}' WHERE published_at IS NOT NULL"
        assert connection.execute(query).fetchall() == [(20,)]


def test_a_news_reader(scrapy: Scrapy, tmp_path: Path) -> None:
    feedparser = library("feedparser")
    file = tmp_path / "feed.atom"
    assert scrapy("export", "feed", "--category", "手机", "-o", str(file)).returncode == 0
    read = feedparser.parse(file.read_bytes())
    assert (read.version, read.bozo, read.feed.title) == ("atom10", False, "手机 – smartdaily")
    [entry] = read.entries
    assert (entry.title, entry.link) == (FORMULA, url("a"))
    assert entry.published_parsed[:4] == (2026, 3, 4, 16)
    assert [tag.term for tag in entry.tags] == ["手机"]


@pytest.fixture
def s3() -> Iterator[tuple[Any, dict[str, str]]]:
    """A client of a server with a bucket, and the environment that leads to it."""
    server = library("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    named = {"endpoint_url": f"http://{host}:{port}", "aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    client = library("boto3").client("s3", region_name="us-east-1", **named)
    client.create_bucket(Bucket=BUCKET)
    environment = {name.upper(): value for name, value in named.items() if name != "endpoint_url"}
    yield client, {**environment, "AWS_ENDPOINT_URL": named["endpoint_url"], "AWS_REGION": "us-east-1"}
    client.close()
    server.stop()


def test_s3(scrapy: Scrapy, s3: tuple[Any, dict[str, str]]) -> None:
    client, environment = s3
    for name in ("a.parquet", "folder/手机.jsonl"):
        done = scrapy("export", "articles", "-o", f"s3://{BUCKET}/{name}", **environment)
        assert (done.returncode, done.stderr) == (0, "")
    listed = [each["Key"] for each in client.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert listed == ["a.parquet", "folder/手机.jsonl"]
    read = client.get_object(Bucket=BUCKET, Key=listed[1])["Body"].read().decode()
    assert read.count("\n") == 4
    for bucket, endpoint, message in (
        ("other", environment["AWS_ENDPOINT_URL"], "there is no bucket other"),
        (BUCKET, "http://127.0.0.1:9", "s3://news: "),
    ):
        given = ("-s", f"AWS_ENDPOINT_URL={endpoint}", "-o", f"s3://{bucket}/b.csv")
        done = scrapy("export", "articles", *given, **environment)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert done.stderr.startswith(f"scrapy export: {message}")
