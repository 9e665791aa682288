"""Every skin prints the whole of an article given as plain text."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from demo import article_file
from demo.article_file import ArticleFileError
from demo.site import Site
from demo.skins.registry import SKINS
from tests.demo.reading import local_links
from tests.demo.test_site import assert_prints

FILE = Path(__file__).with_name("article.txt")
TITLE = "折叠屏铰链之争再起:两家代工厂同日公布“水滴”方案,R&D投入翻倍"


@pytest.mark.parametrize("skin", SKINS)
def test_round_trip(skin: str) -> None:
    site = Site(skin=skin, articles=[FILE])
    truth = site.truth()
    (article,) = [one for one in truth.articles if one.title == TITLE]
    assert (article.published_on, article.published_at) == (date(2026, 3, 5), None)
    assert (article.source, article.author, article.editor) == ("海岬科技观察", None, "林栖")
    assert len(article.body) == 4
    assert article.list_summary.endswith("…")
    assert article.path in local_links(site, truth.categories[0][1])
    assert_prints(site, article, [article.path])

    stubs = {one.path: one for one in truth.articles if not one.listed}
    assert [teaser.path for teaser in article.teasers] == list(stubs)
    assert article.teasers[3].title == "机械键盘轴体换新实录:从“咔哒”到“噗噗”只要二十分钟"
    assert article.teasers[3].published_on == date(2026, 3, 3)
    for teaser in article.teasers:
        stub, shown = stubs[teaser.path], (teaser.title, teaser.summary, teaser.published_on)
        assert (stub.title, stub.body[0], stub.published_on) == shown
        assert (len(stub.body), len(stub.teasers)) == (3, 9)
        assert_prints(site, stub, [stub.path])


def test_files_do_not_change_other_articles() -> None:
    plain, added = Site(), Site(articles=[FILE])
    path = plain.truth().articles[50].path
    assert plain.render(path) == added.render(path)


def test_line_ends_byte_order_mark_and_last_newline_do_not_matter() -> None:
    text = FILE.read_text(encoding="utf-8")
    expected = article_file.parse(text)
    assert article_file.parse(text.strip().replace("\n", "\r\n")) == expected
    assert article_file.parse(text.replace("\n\n", "\n \n\n") + "\n\n") == expected


def test_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "marked.txt"
    path.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert article_file.read(path) == article_file.read(FILE)


def test_info_line_with_time_and_author() -> None:
    text = "站\n导航\n\n题目\n\n2026-03-06 08:30:05来源：甲报 作者：乙 编辑：丙\n\n正文。"
    info = article_file.parse(text).article
    assert info.published == datetime(2026, 3, 6, 8, 30, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert (info.precision, info.source, info.author, info.editor) == ("second", "甲报", "乙", "丙")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it needs"),
        ("站\n\n导航\n\n题目\n\n2026-03-06来源:甲\n\n正文", "must begin"),
        ("站\n导航\n\n题\n目\n\n2026-03-06来源:甲\n\n正文", "title must be one line"),
        ("站\n导航\n\n题目\n\n昨天\n\n正文", "no info line"),
        ("站\n导航\n\n题目\n\n2026-13-06\n\n正文", "month must be in"),
        ("站\n导航\n\n题目\n\n2026-03-06\n\n题\n摘要…\n\n2026-03-06", "no paragraph"),
        ("站\n导航\n\n题目\n\n2026-03-06\n\n正文\n\n题\n摘要…", "teaser “题”"),
        ("站\n导航\n\n题目\n\n2026-03-06\n\n正文\n\n题\n摘要…\n\n某日", "Invalid isoformat"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArticleFileError, match=reason):
        article_file.read(path)


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "gbk.txt"
    path.write_bytes(FILE.read_text(encoding="utf-8").encode("gbk"))
    with pytest.raises(ArticleFileError, match="not UTF-8"):
        article_file.read(path)
