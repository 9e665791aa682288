"""``scrapy diff``, run as an operator types it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from pipelines.storage.read.text_diff import compare, pair_paragraphs
from pipelines.storage.write.writer import write
from tests.crawl.conftest import Scrapy
from tests.storage.making import article, new_run, outcome, url
from tests.waiting import HANGS, ROOT

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.fixture
def revised(engine: Engine) -> None:
    """Store article 1 with three revisions, 2 only as a link, 3 with one revision."""
    run = new_run(engine)
    first = ["售价3999元起。", "这一段不变。" * 20, "要删的一段。"]
    write(engine, run, [article("a", body=first, teases="b", source="甲")])
    write(engine, run, [article("a", body=["售价4299元起。", *first[1:]], source="甲", minute=1)])
    write(engine, run, [article("a", body=["售价4299元起。", first[1], "全新内容"], source="乙", minute=2)])
    write(engine, run, [article("c", at="m-c", final="c")])


@pytest.mark.usefixtures("revised")
def test_the_last_two_revisions_in_a_pipe(scrapy: Scrapy) -> None:
    done = scrapy("diff", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"article 1  {url('a')}",
        "--- revision 2, 2026-03-06T20:01:00+08:00",
        "+++ revision 3, 2026-03-06T20:02:00+08:00",
        "- source: 甲",
        "+ source: 乙",
        "- body: 要删的一段。",
        "+ body: 全新内容",
    ]
    assert scrapy("diff", url("a")).stdout == done.stdout
    everything = scrapy("diff", "1", "--from", "1", "--to", "2", "--all").stdout.splitlines()[3:]
    assert everything == [
        "  title: 题目 a",
        "  published: 2026-03-06",
        "  source: 甲",
        "- body: 售价3999元起。",
        "+ body: 售价4299元起。",
        f"  body: {'这一段不变。' * 20}",
        "  body: 要删的一段。",
    ]


@pytest.mark.usefixtures("revised")
def test_side_by_side_on_a_terminal(database_url: str) -> None:
    mine, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "scrapy", "diff", "1", "--from", "1"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "COLUMNS": "70", "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # reading a closed terminal raises it
            while chunk := os.read(mine, 65536):
                shown += chunk
        assert process.wait(HANGS) == 0
    os.close(mine)
    text = shown.decode()
    assert "售价\x1b[1;4;31m3" in text
    assert "售价\x1b[1;4;32m4" in text
    assert "… 1 equal paragraph" in text
    assert "\x1b[31m要删的一段。" in text
    assert "这一段不变" not in text


@pytest.mark.usefixtures("revised")
def test_revisions_that_cannot_be_compared(scrapy: Scrapy) -> None:
    for arguments, message in (
        (["9"], "there is no article 9"),
        (["9" * 30], "there is no article"),
        ([url("nothing")], "there is no article http"),
        (["题目"], "neither an id nor a URL"),
        (["2"], "was not fetched yet: it has no revision"),
        ([url("m-c")], "has one revision only"),
        (["1", "--from", "x"], "--from takes the number of a revision, from 1 up, not 'x'"),
        (["1", "--to", "0"], "--to takes the number"),
        (["1", "--to", "7"], "article 1 has revisions 1 to 3, not 7"),
        (["1", "--from", "3"], "--from and --to name the same revision, 3"),
    ):
        done = scrapy("diff", *arguments)
        assert done.returncode == 2, arguments
        assert message in done.stderr
        assert done.stderr.startswith("scrapy diff: ")
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""


def test_similar_paragraphs_are_paired() -> None:
    old = ["第一段说的是芯片的价格。", "第二段。", "最后一段说的是年底的发布会。"]
    new = ["全新的开头。", "第一段说的是芯片的售价。", "最后一段说的是明年的发布会。"]
    pairs = [(pair.old, pair.new) for pair in pair_paragraphs(old, new)]
    assert pairs == [(None, new[0]), (old[0], new[1]), (old[1], None), (old[2], new[2])]


def test_spans_cover_exactly_the_differences() -> None:
    for one, other in (
        ("", "甲"),
        ("甲乙丙", "甲丙"),
        ("一" * 9000 + "二", "一" * 4000 + "三" + "一" * 5000),
        ("同", "同"),
    ):
        pair = compare(one, other)
        assert _without(one, pair.old_spans) == _without(other, pair.new_spans)
        assert bool(pair.old_spans or pair.new_spans) == (one != other)


def _without(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def test_an_outcome_leaves_no_revision(engine: Engine, scrapy: Scrapy) -> None:
    write(engine, new_run(engine), [outcome("x", "failed")])
    assert "there is no article" in scrapy("diff", url("x")).stderr
