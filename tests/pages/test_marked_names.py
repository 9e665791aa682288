"""Authors by their markup, their label and their place; white space between tags."""

from __future__ import annotations

import re

import pytest

from smartdaily_crawler.parsing import bylines
from tests.pages.pages import TITLE, article, page, paragraphs, read
from tests.pages.test_byline import names

DATE = "2026-03-06 08:30"


@pytest.mark.parametrize(
    "shown",
    [
        "<a class='username'><span>半块橡皮</span></a>",
        "<a href='/u/42'>半块橡皮</a>",
        "<a href='/people/rubber'>半块橡皮</a>",
        "<a class='note-author'>半块橡皮</a>",
        "<div class='avatar_box'><h3 class='avatar_name'>半块橡皮</h3></div>",
        "<span>由 <span class='author vcard'><a class='url fn'>半块橡皮</a></span></span>",
        "<a><span>半块橡皮</span><span>@rubber</span></a>",
        "<span>博主：</span><a>半块橡皮</a>",
    ],
)
def test_a_user_beside_the_date_is_the_author(shown: str) -> None:
    for info in (f"{shown}<time>{DATE}</time>", f"<time>{DATE}</time>{shown}"):
        assert names(read(article(f"<div>{info}</div>"))) == (None, "半块橡皮", None), info


@pytest.mark.parametrize(
    "notice", ["版权属于：半块橡皮", "版權屬於：半塊橡皮", "本文为 半块橡皮 独立观点，未经许可禁止转载。"]
)
def test_a_name_that_a_notice_on_the_copyright_repeats_is_the_authors(notice: str) -> None:
    info = f"<div><span>半块橡皮</span> <span>{DATE}</span></div>"
    assert names(read(article(info, after=f"<div>{notice}</div>"))) == (None, "半块橡皮", None)
    assert names(read(article(info))) == ("半块橡皮", None, None)


def test_an_author_of_the_head_may_be_printed_behind_the_text() -> None:
    head, license_ = '<meta name="author" content="半块橡皮">', "<div><div>作者</div><div>半块橡皮</div></div>"
    assert names(read(page(f"<h1>{TITLE}</h1><div>{DATE}</div><div>{paragraphs()}</div>{license_}", head=head))) == (
        None,
        "半块橡皮",
        None,
    )


@pytest.mark.parametrize(
    ("beside", "author"),
    [
        ("<a>言知夏</a>", "言知夏"),
        ("<a>许知夏</a>", "许知夏"),
        ("<i>言知夏</i>", None),
        ("<i>新能源</i>", None),
        ("<i>许知夏</i>", "许知夏"),
    ],
)
def test_a_word_beside_an_outlet_is_the_author_as_a_link_of_the_author_or_with_a_surname(
    beside: str, author: str | None
) -> None:
    reading = read(article(f"<div><div class=author>北辰早报 {beside}</div><div>发布/{DATE}</div></div>"))
    assert names(reading) == ("北辰早报", author, None)


def test_source_and_author_beside_a_date_above_the_title() -> None:
    info = f"<div><time>{DATE}</time><div>北辰时报</div><div><a>许知夏</a></div></div>"
    head = f"<article><header><div>{info}</div><h1>{TITLE}</h1></header><div>{paragraphs()}</div></article>"
    assert names(read(page(head))) == ("北辰时报", "许知夏", None)


def test_an_outlet_marked_as_a_user_is_the_source() -> None:
    assert names(read(article(f"<div><a class='username'>北辰晚报</a> {DATE}</div>"))) == ("北辰晚报", None, None)


def test_an_account_is_the_source_if_the_text_names_the_author() -> None:
    body = f"<div><p>本文来自微信公众号：半块橡皮，作者：许知夏</p>{paragraphs()}</div>"
    info = f"<div><a class='username'>半块橡皮</a> {DATE}</div>"
    assert names(read(article(info, body=body))) == ("半块橡皮", "许知夏", None)


@pytest.mark.parametrize(
    "info",
    [
        f"<div>{DATE}</div><div>by <a>许知夏</a></div>",
        f"<div>{DATE}</div><ul><li><a>许知夏</a></li></ul>",
        f"<div>{DATE}</div><p>社會中心／许知夏報導</p>",
        f"<div>{DATE}</div><div>报道：许知夏　摄影：谢砚</div>",
        f"<div>{DATE} 图文：许知夏</div>",
        f"<div>{DATE} 文字：许知夏　图片：谢砚</div>",
        f"<div>{DATE} 作者：本报记者 许知夏</div>",
        f"<ul><li>许知夏 <i>作者</i></li><li>谢砚 <i>译者</i></li></ul><div>{DATE}</div>",
    ],
)
def test_an_author_by_label_or_place(info: str) -> None:
    assert names(read(article(info)))[1] == "许知夏"


def test_related_reports_are_no_author() -> None:
    body = f"<div>{paragraphs()}<p>相关报道：新机亮相</p></div>"
    assert names(read(article(f"<div>{DATE}</div>", body=body)))[1] is None


@pytest.mark.parametrize("word", ["产品", "港股直擊", "社會事", "3C生活", "澳聞", "游记", "ET", "8:10pm", "admin"])
def test_a_category_or_a_zone_is_no_source(word: str) -> None:
    for info in (f"<span>{word}</span> <span>{DATE}</span>", f"<span>{DATE}</span> <a>{word}</a>"):
        assert names(read(article(f"<div>{info}</div>"))) == (None, None, None), info


@pytest.mark.parametrize("surname", ["宁", "尚", "单", "边", "车", "时", "查", "农", "尉迟", "公孙", "司空"])
@pytest.mark.parametrize("form", ["（记者{}）", "（记者{} 通讯员 乔岳）", "（北辰日报记者{} 摄影刘砚）"])
def test_a_reporter_needs_no_common_surname(surname: str, form: str) -> None:
    assert bylines.closing("新机亮相。" + form.format(f"{surname}云")) == f"{surname}云"


@pytest.mark.parametrize("text", ["（记者手记）", "（记者走访）", "（记者获悉）", "（记者调查）"])
def test_what_a_reporter_does_is_no_name(text: str) -> None:
    assert bylines.closing(f"新机亮相。{text}") is None


@pytest.mark.parametrize(
    "info",
    [
        f"<span>编辑</span><a>唐砚</a><span>{DATE}</span>",
        f"<span>作者</span><a>许知夏</a><span>发布时间</span><span>{DATE}</span>",
        f"<span>来源：北辰网</span><span>许知夏</span><span>{DATE}</span>",
        f"<a>半块橡皮</a><span>@rubber</span><time>{DATE}</time>",
    ],
)
def test_white_space_between_tags_does_not_change_names(info: str) -> None:
    spaced = re.sub("><", ">\n      <", info)
    compact = names(read(article(f"<div>{info}</div>")))
    assert any(compact)
    assert names(read(article(f"<div>{spaced}</div>"))) == compact
