"""The pictures of articles: files, rows, an outcome each, on a site whose pictures are hostile or repeated."""

from __future__ import annotations

import json
import re
import struct
import time
import zlib
from collections import Counter
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Event, Lock
from typing import Any

from PIL import Image
from sqlalchemy import Engine
from starlette.testclient import TestClient

from pipelines.web.app import create_app
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select, stats
from tests.crawl.test_budgets import headline, text
from tests.crawl.test_walk import HOME, listing

PAGES = 100
INNER = "inner.news.example"
NAMES = ("-s", "TWISTED_DNS_RESOLVER=tests.crawl.names.Names", "-s", f"TEST_NAMES={json.dumps({INNER: '127.0.0.2'})}")
ABSENT = "import sys\nsys.modules['PIL'] = None\n"


def picture(kind: str, shade: int = 0) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (60, 40), (shade, 80, 120)).save(stream, kind)
    return stream.getvalue()


def bomb() -> bytes:
    """Return a PNG of a few bytes that claims to have 900 million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


SHARED = [picture("JPEG", 1), picture("PNG", 2), picture("GIF", 3), picture("WEBP", 4), picture("AVIF", 5)]
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ENDS = {
    "copy.png": ("stored", None),
    "slow.png": ("stored", None),
    "moved.png": ("stored", None),
    "huge.png": ("failed", "too_large"),
    "never.png": ("failed", "timeout"),
    "error.png": ("failed", "http_500"),
    "bomb.png": ("rejected", "too_many_pixels"),
    "page.png": ("rejected", "not_a_picture"),
    "script.svg": ("rejected", "not_a_picture"),
    "cut.jpg": ("rejected", "not_a_picture"),
    "empty.png": ("rejected", "not_a_picture"),
    "gone.png": ("gone", "http_404"),
    "address.png": ("skipped", "redirect_private"),
    "name.png": ("skipped", "private_address"),
    "secret/1.png": ("skipped", "robots_forbidden"),
}
"""Of the hostile pictures, one on each of the first pages."""


class Site(dict[str, "Answer | str"]):
    """A hundred articles with a shared picture each, the first ones with one more."""

    def __init__(self, engine: Engine) -> None:
        super().__init__({"/": HOME, "/robots.txt": "User-agent: *\nDisallow: /p/secret/"})
        self.engine = engine
        self.asked: Counter[str] = Counter()
        self.committed = 0
        """Articles in the database when the slow picture came."""
        self.edition = 0
        entries = [(f"/a/{n}.html", headline(n)) for n in range(PAGES)]
        self["/phone/"], self["/pc/"] = listing(*entries[::2]), listing(*entries[1::2])
        for n, name in enumerate(ENDS):
            self[f"/a/{n}.html"] = self.article(n, f"/p/{name}")
        for n in range(len(ENDS), PAGES):
            self[f"/a/{n}.html"] = self.article(n)

        def png(body: bytes | str) -> Answer:
            return Answer(body=body, headers={"Content-Type": "image/png"})

        self |= {f"/p/{n}.png": png(content) for n, content in enumerate(SHARED)} | {
            "/p/copy.png": png(SHARED[1]),
            "/p/slow.png": png(picture("PNG", 6)),
            "/p/moved.png": Answer(status=302, headers={"Location": "/p/2.png"}),
            "/p/huge.png": png(picture("PNG", 7) + bytes(2**20)),
            "/p/never.png": png(SHARED[0]),
            "/p/error.png": Answer(status=500),
            "/p/bomb.png": png(bomb()),
            "/p/page.png": png("<!doctype html><title>请登录</title>"),
            "/p/script.svg": Answer(body=SVG, headers={"Content-Type": "image/svg+xml"}),
            "/p/cut.jpg": png(picture("JPEG", 8)[:-200]),
            "/p/empty.png": png(b""),
            "/p/address.png": Answer(status=302, headers={"Location": "http://127.0.0.2/"}),
            "/p/name.png": Answer(status=302, headers={"Location": f"http://{INNER}/"}),
        }

    @staticmethod
    def article(number: int, *more: str) -> str:
        first, *rest = (f'<p><img src="{url}" width=600 height=400></p>' for url in (f"/p/{number % 5}.png", *more))
        first += f'<p align="center">图{number}：样机的外观</p>'
        paragraphs = text(number).split("<p>")
        return (
            "<p>".join([*paragraphs[:2], *paragraphs[2:3]])
            + first
            + "<p>"
            + "<p>".join([*paragraphs[3:]]).replace("</div>", "".join(rest) + "</div>", 1)
        )

    def get(self, path: str, default: Any = None) -> Any:
        self.asked[path] += 1
        if path == "/p/never.png":
            time.sleep(9)
        if path == "/p/slow.png":
            until = time.monotonic() + 7
            while self.committed < PAGES and time.monotonic() < until:
                time.sleep(0.2)
                self.committed = select(self.engine, "SELECT count(*) FROM crawl.article WHERE state = 'fetched'")[0][
                    "count"
                ]
        found = super().get(path, default)
        return found + "<!-- again -->" * self.edition if path.startswith("/a/") else found


def test_a_hundred_pages_with_hostile_and_repeated_pictures(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine, tmp_path: Path
) -> None:
    site, store = Site(engine), tmp_path / "images"
    url = serve_pages(site)

    def crawl() -> dict[str, dict[str, Any]]:
        arguments = (
            "-a",
            "mode=full",
            "-s",
            "RETRY_TIMES=0",
            "-s",
            "DOWNLOAD_TIMEOUT=8",
            "-s",
            f"DOWNLOAD_MAXSIZE={2**20}",
        )
        site.asked.clear()
        done = scrapy("crawl", "smartdaily", *NAMES, *arguments, SITE_URL=url, IMAGES_STORE=str(store))
        assert "Traceback" not in done.stderr, done.stderr
        # Nothing about pictures.
        assert stats(engine)["run/reasons"] == [f"no teaser on any of {PAGES} articles"], done.stderr[-3000:]
        rows = select(
            engine, "SELECT i.*, a.url AS page, a.body FROM api.image i JOIN api.article a USING (article_id)"
        )
        assert len(rows) == PAGES + len(ENDS)
        return {path_of(row["page"]) + path_of(row["url"]).removeprefix("/p"): row for row in rows}

    rows = crawl()
    # The articles are stored as without pictures, before the slowest one.
    assert select(engine, "SELECT outcome, count(*) FROM api.outcome WHERE kind = 'article' GROUP BY 1") == [
        {"outcome": "stored", "count": PAGES}
    ]
    assert site.committed == PAGES
    # Each picture has one outcome.
    found = {name: rows[f"/a/{n}.html/{name}"] for n, name in enumerate(ENDS)}
    assert {name: (row["outcome"], row["reason"]) for name, row in found.items()} == ENDS
    assert {row["outcome"] for row in rows.values() if path_of(row["url"])[3:] not in ENDS} == {"stored"}
    ended = stats(engine)
    counted = Counter(f"image/{outcome}" for outcome, _ in ENDS.values() if outcome != "stored")
    assert {name: ended[name] for name in counted} == counted
    # A picture of which the database knows from an article before is unchanged.
    assert ended["image/stored"] + ended["image/unchanged"] == PAGES + 3
    assert not [name for name in stats(engine) if name.startswith("reason/")]
    # Each content is one file, however many URLs it has.
    contents = {sha256(content).hexdigest(): content for content in (*SHARED, picture("PNG", 6))}
    files = [path for path in store.rglob("*") if path.is_file()]
    assert {path.stem: path.read_bytes() for path in files} == contents
    assert len(files) == len(contents)
    for row in rows.values():
        if row["outcome"] == "stored":
            assert sha256((store / row["path"]).read_bytes()).hexdigest() == row["checksum"]
            assert (row["size"], row["width"], row["height"]) == (len(contents[row["checksum"]]), 60, 40)
        else:
            assert (row["path"], row["checksum"], row["fetched_at"]) == (None, None, None)
    types = {row["media_type"] for row in rows.values()}
    assert types == {None, *(f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "avif"))}
    assert found["copy.png"]["path"] == rows["/a/1.html/1.png"]["path"]
    assert found["moved.png"]["path"] == rows["/a/2.html/2.png"]["path"]
    assert (rows["/a/7.html/2.png"]["caption"], rows["/a/7.html/2.png"]["paragraph"]) == ("图7：样机的外观", 2)
    assert site.asked["/p/0.png"] == 1
    assert site.asked["/p/secret/1.png"] == 0

    # All pages are read again. What is in the store is not requested, nor what was no picture; what was lost is.
    site.edition = 1
    lost = store / rows["/a/3.html/3.png"]["path"]
    lost.unlink()
    again = crawl()
    assert lost.exists()
    requested = {path.removeprefix("/p/") for path in site.asked if path.startswith("/p/")}
    assert requested == {"3.png"} | {name for name, (end, _) in ENDS.items() if end not in ("stored", "rejected")} - {
        "secret/1.png"
    }
    ends = ("outcome", "reason", "path", "checksum")
    assert {key: [row[name] for name in ends] for key, row in again.items()} == {
        key: [row[name] for name in ends] for key, row in rows.items()
    }
    check_web(engine)


def check_web(engine: Engine) -> None:
    """Check what the page of an article says of a picture that is kept, and of one that is not."""
    [article] = {row["article_id"] for row in select(engine, "SELECT * FROM api.image WHERE url LIKE '%/cut.jpg'")}
    with TestClient(create_app(engine), base_url="http://localhost") as client:
        shown = client.get(f"/articles/{article}").text
    assert "rejected, not_a_picture" in shown
    assert re.search(r"kept as full/\w\w/\w{64}[.\w]*, 60 × 40 pixels", shown)


class PicturesLast(dict[str, "Answer | str"]):
    """Articles whose pictures are answered one by one, when all articles were."""

    def __init__(self, pages: dict[str, Answer | str]) -> None:
        super().__init__(pages)
        self.left = {path for path in pages if path.startswith("/a/")}
        self.has_all = Event()
        self.turn = Lock()

    def get(self, path: str, default: Any = None) -> Any:
        if path.startswith("/p/"):
            assert self.has_all.wait(60)
            with self.turn:
                time.sleep(0.1)
        self.left.discard(path)
        if not self.left:
            self.has_all.set()
        return super().get(path, default)


def test_what_a_run_leaves_is_fetched_by_the_next(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine, tmp_path: Path
) -> None:
    urls = [f"/p/{n}.png" for n in range(24)]
    content = Answer(body=SHARED[1])
    pages: dict[str, Answer | str] = {"/": HOME, **dict.fromkeys(urls, content)}
    for n in range(6):
        shown = "".join(f'<p><img src="{url}" width=600 height=400></p>' for url in urls[n * 4 : n * 4 + 4])
        pages[f"/a/{n}.html"] = text(n).replace("<p>", f"{shown}<p>", 1)
    pages["/phone/"] = pages["/pc/"] = listing(*((f"/a/{n}.html", headline(n)) for n in range(6)))
    url = serve_pages(PicturesLast(pages))

    def crawl(*arguments: str) -> Counter[tuple[str, str | None]]:
        done = scrapy("crawl", "smartdaily", *arguments, SITE_URL=url, IMAGES_STORE=str(tmp_path / "images"))
        assert "Traceback" not in done.stderr, done.stderr
        rows = select(engine, "SELECT outcome, reason FROM api.image")
        assert len(rows) == len(urls)
        return Counter((row["outcome"], row["reason"]) for row in rows)

    first = crawl("-s", "CLOSESPIDER_PAGECOUNT=16")  # ten of them are pages
    assert first.keys() == {("stored", None), ("skipped", "run_stopped")}
    articles = "SELECT outcome, count(*) FROM api.outcome WHERE kind = 'article' GROUP BY 1"
    assert select(engine, articles) == [{"outcome": "stored", "count": 6}]
    assert crawl() == {("stored", None): len(urls)}
    assert select(engine, articles) == [{"outcome": "stored", "count": 6}]


def test_without_pillow_or_a_folder_a_run_is_refused(scrapy: Scrapy, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(ABSENT)
    given = {"SITE_URL": "http://127.0.0.1:9/", "IMAGES_STORE": str(tmp_path / "images")}
    done = scrapy("crawl", "smartdaily", PYTHONPATH=str(tmp_path), **given)
    assert done.returncode == 2
    assert "needs the extra images" in done.stderr.splitlines()[-1]
    (tmp_path / "file").touch()
    done = scrapy("crawl", "smartdaily", **(given | {"IMAGES_STORE": str(tmp_path / "file" / "images")}))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "no file can be written" in done.stderr.splitlines()[-1]
