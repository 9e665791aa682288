"""Names without a label beside the date: which words are none, and what confirms one."""

from __future__ import annotations

import re

import pytest

from smartdaily_crawler.parsing import info_line
from tests.pages.pages import PARAGRAPHS, TITLE, article, page, paragraphs, read
from tests.pages.test_byline import names

DATE = "2026-03-06 08:30"


@pytest.mark.parametrize(
    "form", ["<span>{}</span> <span>{}</span>", "<span>{}</span>\n<b>{}</b>", "<p>{}</p><p>{}</p>"]
)
@pytest.mark.parametrize(
    "word",
    [
        # sections
        "财经", "本地", "港聞", "观点", "深度", "专栏", "快讯", "视频", "頭條", "即時", "香港股市", "两岸新闻", "科技資訊", "文化·读书", "台灣社會", "国际要闻", "股票/基金",
        # actions, flags and other words of the page
        "广告", "推荐阅读", "已關注", "付费", "会员专享", "置顶", "發布", "编译", "赞赏支持", "複製連結", "打开客户端", "下一篇", "繁體中文", "倒序浏览", "综合报道", "綜合報導",
        # counters and time zones
        "2.3k", "2 评", "1.2万 阅读", "12345 人氣", "3 comments", "臺北時間", "北京时间", "GMT+8", "© 著作权", "Lv5", "农历正月十八", "北京 晴", "通知公告",
    ],
)  # fmt: skip
def test_a_word_of_the_page_is_nobodys_name(word: str, form: str) -> None:
    for info in (form.format(word, DATE), form.format(DATE, word)):
        assert names(read(article(f"<div>{info}</div>"))) == (None, None, None), info


@pytest.mark.parametrize(
    "name",
    ["北辰财经", "北辰科技", "慢行手记", "临江發佈", "金融早参", "北辰社會研究社", "八点北辰", "在路上", "体育教科书"],
)
def test_the_name_of_an_outlet_or_account_stays_one(name: str) -> None:
    assert names(read(article(f"<div><span>{name}</span> <span>{DATE}</span></div>"))) == (name, None, None)


@pytest.mark.parametrize(
    "info",
    [
        "2026/3/6 08:30（3/6 09:02 更新）",
        "<span>2026/3/6 08:30</span>（<span>3/6 09:02</span> 更新）",
        "发布 / <span>2026年3月6日 9:12 AM</span>",
        "<span>2026.03.06 08:30</span> <span>臺北時間</span>",
        "<span>發佈：2026-03-06</span><span>更新：2026-03-07</span>",
    ],
)
def test_words_of_dates_name_nobody(info: str) -> None:
    reading = read(article(f"<div>{info}</div>"))
    assert reading.published is not None
    assert names(reading) == (None, None, None)


@pytest.mark.parametrize(
    ("nav", "title", "expected"),
    [
        ("", f"{TITLE}_智能日报", "临江纵横"),
        ("<ul><li><a href='/a/'>要闻</a></li><li><a href='/b/'>临江纵横</a></li><li><a href='/c/'>图片</a></li></ul>", f"{TITLE}_智能日报", None),
        ("", f"{TITLE} - 临江纵横 - 智能日报", None),
        ("", f"{TITLE} | 临江纵横", "临江纵横"),
    ],
    ids=["unknown", "menu", "title", "site"],
)  # fmt: skip
def test_a_word_of_the_menu_or_between_title_and_site_is_a_section(nav: str, title: str, expected: str | None) -> None:
    content = f"<h1>{TITLE}</h1><div>{DATE} <a href='/b/'>临江纵横</a></div><div>{paragraphs()}</div>"
    assert names(read(page(content, title=title, nav=nav)))[0] == expected


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:site_name" content="墨尺 Inkrule">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "publisher": {"@type": "Organization", "name": "墨尺Inkrule"}}</script>',
    ],
)
def test_the_sites_own_name_is_a_source(head: str) -> None:
    info = f"<div><a href='/'>墨尺inkrule</a> | <a>许知夏</a> 綜合報導</div><div>發布 {DATE}</div>"
    assert names(read(article(info, head=head))) == ("墨尺inkrule", "许知夏", None)


@pytest.mark.parametrize(
    "info",
    [
        f"<span>许知夏</span><time>{DATE}</time><ul><li>複製連結</li></ul><p>圖像</p>",
        f"<span>许知夏</span><span>{DATE}</span><span>2.3k 阅读</span>",
        f"<div>许知夏</div><div>{DATE}</div><div>2 评</div>",
        f"<a>许知夏</a>\n<time>{DATE}</time>\n<b>©著作权</b>",
        f"<a>许知夏</a> <time>{DATE}</time><p>这篇文章可能有剧透</p>",
        f"<a>许知夏</a> <time>{DATE}</time><p>起售价三千九百元</p>",
        f"<p>许知夏</p><p>{DATE}</p><p>谢砚</p>",
        f"<div><span>文</span>｜<a>许知夏</a></div><div><span>攝影</span>｜<a>谢砚</a></div><div>{DATE}</div>",
        f"<div>文 / <a>许知夏</a></div><div>图 / 谢砚</div><div>{DATE}</div>",
        f"<div>发布于 <time>{DATE}</time> 由 <a>许知夏</a> 分类 <a>随笔</a> <a>2 条评论</a></div>",
        f"<div>由 <a>许知夏</a> 发布于 <time>{DATE}</time> 分类 <a>折腾</a></div>",
        f"<div>posted @ <span>{DATE}</span> <a>许知夏</a> 阅读(12) 评论(0)</div>",
        f"<a>许知夏</a><span>作者</span><div>{DATE}</div>",
        f"<a>许知夏</a> <em>撰文</em> <i>{DATE}</i>",
        f"<p>By 许知夏</p><p>{DATE}</p>",
        f"<div>{DATE} by 许知夏</div>",
        f"<div>Author: 许知夏 {DATE}</div>",
        f"<div>许知夏<br>北辰大学经济学院教授<br>{DATE}</div>",
        f"<div>许知夏 | 資深記者 | {DATE}</div>",
        f"<p>来自<a>许知夏</a>的临江专栏</p><p>{DATE}</p>",
        f"<div>来源: <a>投稿</a></div><div><a>许知夏</a></div><div>{DATE}</div><div>2 评</div>",
    ],
)
def test_an_author_ends_where_other_words_begin(info: str) -> None:
    assert names(read(article(f"<div>{info}</div>"))) == (None, "许知夏", None)


@pytest.mark.parametrize(
    "text", ["许知夏 谢砚", "许知夏、谢砚", "许知夏，谢砚", "许知夏 / 谢砚", "安娜·霍夫曼、许知夏"]
)
def test_persons_in_one_run_are_joined(text: str) -> None:
    source, author, editor = names(read(article(f"<div>{text}</div><div>{DATE}</div>")))
    assert (source, re.split(r"[\s、，/]+", author or ""), editor) == (None, re.split(r"[\s、，/]+", text), None)


@pytest.mark.parametrize(
    "text", ["许知夏 北辰日报", "北辰日报 许知夏", "<i>许知夏</i><i>北辰日报</i>", "<p>北辰日报</p><p>许知夏</p>"]
)
def test_a_person_beside_an_outlet(text: str) -> None:
    assert names(read(article(f"<div>{text} {DATE}</div>"))) == ("北辰日报", "许知夏", None)


@pytest.mark.parametrize("name", ["安娜·霍夫曼", "克劳斯·馮·利根", "瑪麗·懷特", "阿依古丽•买买提"])
def test_a_foreign_person_beside_the_date_is_the_author(name: str) -> None:
    assert names(read(article(f"<div><p>{name}</p><p>{DATE}</p></div>"))) == (None, name, None)


@pytest.mark.parametrize("between", ["", "\n", "\n\n   "])
@pytest.mark.parametrize("author", ["冬青", "许知夏"])
def test_an_original_of_an_account_names_author_and_account(author: str, between: str) -> None:
    spans = (f"<span>{text}</span>" for text in ("原创", author, f"<a>\n真实笔记簿  </a>{between}", DATE))
    reading = read(article(f"<div>{between.join(spans)}<em>发表于<span>北京</span></em></div>"))
    assert names(reading) == ("真实笔记簿", author, None)


@pytest.mark.parametrize(
    "shown",
    [
        '<div itemprop="author" itemscope><meta itemprop="name" content="白瓷"/><a>白瓷</a><p>供应链从业者</p></div>',
        '<div><a rel="author" href="/u/1">白瓷</a></div>',
        "<address>白瓷</address>",
        '<div itemprop="author"><span itemprop="name">白瓷</span></div>',
    ],
    ids=["microdata", "rel", "address", "name"],
)
def test_an_author_marked_in_the_page(shown: str) -> None:
    assert names(read(article(shown, after=f"<div>编辑于 {DATE}</div>")))[1] == "白瓷"


@pytest.mark.parametrize(
    ("authors", "shown", "expected"),
    [
        ('{"@type": "Person", "name": "白瓷"}', "<li>Author, <span>白瓷</span></li><li>Role, 北辰中文记者</li><li>发自 香港</li>", "白瓷"),
        ('[{"@type": "Person", "name": "白瓷"}, {"@type": "Person", "name": "青瓦"}]', "<span>白瓷</span> <span>青瓦</span>", "白瓷、青瓦"),
        ('[{"@type": "Person", "name": "白瓷"}]', "<span>青瓦</span>", None),
        ('{"@type": "Organization", "name": "墨尺"}', "<span>墨尺</span>", None),
    ],
)  # fmt: skip
def test_authors_of_json_ld_that_are_printed(authors: str, shown: str, expected: str | None) -> None:
    head = '<meta property="article:author" content="https://social.example.com/beichen">'
    head += f'<script type="application/ld+json">{{"@type": "NewsArticle", "author": {authors}}}</script>'
    assert names(read(article(f"<div>{shown}</div><div>{DATE}</div>", head=head)))[1] == expected


@pytest.mark.parametrize(
    "info",
    [
        f"<em>发表于 {DATE}</em><span>|</span><a>只看该作者</a><span>|</span><a>倒序浏览</a>",
        f"<a>发布于{DATE}</a><span>来自<a>临江社区</a></span>",
        f"<div>港聞</div><div>{DATE}</div><div>相關字詞﹕<a>交通</a></div><div>文章</div>",
        f"{DATE}<div>上一页</div><div>下一页</div>",
    ],
)
def test_navigation_and_page_tools_are_no_author(info: str) -> None:
    assert names(read(article(f"<div>{info}</div>"))) == (None, None, None)


@pytest.mark.parametrize("separator", ["：", ": ", " ﹕"])
@pytest.mark.parametrize(
    "label", ["首圖來源", "圖像來源", "头图来自", "題圖來源", "封面图片来源", "照片提供", "影像来源", "视频来源", "数据来源", "配图来自", "資料來源", "图表来源"]
)  # fmt: skip
def test_the_origin_of_a_picture_is_not_that_of_the_text(label: str, separator: str) -> None:
    credit = f"（{label}{separator}<a>Unsplash</a>）"
    for text in (credit, credit.strip("（）")):
        info = f"<div>{DATE}</div><p>{text}</p>"
        assert names(read(article(info, body=f"<div>{paragraphs()}<p>{text}</p></div>")))[0] is None


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("（編輯：唐砚）1150306", "唐砚"),
        ("（责任编辑：唐砚）", "唐砚"),
        ("(作者：许知夏)(责编：唐砚)", "唐砚"),
        ("【編輯：唐砚】#", "唐砚"),
        ("（编者注：见上期）", None),
    ],
)
def test_an_editor_at_the_end_of_the_last_paragraph(last: str, expected: str | None) -> None:
    text = [*PARAGRAPHS, PARAGRAPHS[0] * 4 + last]
    assert names(read(article(f"<div>{DATE}</div>", body=f"<div>{paragraphs(text)}</div>")))[2] == expected


def test_a_sign_behind_an_editors_name_is_cut() -> None:
    assert info_line.name("責任編輯：林砚#") == "林砚"


@pytest.mark.parametrize(
    "first",
    [
        "北辰记者｜许知夏    北辰编辑｜唐砚",
        "文 | 许知夏  编辑 | 唐砚",
        "作者丨许知夏\u3000\u3000编辑丨唐砚",
        "记者/许知夏 编辑/唐砚",
    ],
)
def test_a_line_of_authors_and_editors_opens_the_text(first: str) -> None:
    for body in (
        f"<p>{first}</p>{paragraphs()}",
        f"<p>◎记者查询发现，起售价低于上一代。</p><p>{first}</p>{paragraphs()}",
    ):
        info = f"<div><span>北辰经济网</span> <span>{DATE}</span></div>"
        assert names(read(article(info, body=f"<div>{body}</div>"))) == ("北辰经济网", "许知夏", "唐砚")


@pytest.mark.parametrize(
    ("url", "top", "published"),
    [
        ("http://epaper.example.com/html/2026-03/06/content_7.htm", "2026年03月06日 星期五", "2026年03月06日 星期五"),
        ("http://epaper.example.com/pc/202603/06/node_7.html", "<span>2026年03月06日</span> <span>星期五</span> <a>往期</a>", "2026年03月06日 星期五 往期"),
        ("http://epaper.example.com/20260306/7.html", "2026-03-06", "2026-03-06"),
        ("http://epaper.example.com/html/2026-03/05/content_7.htm", "2026年03月06日 星期五", None),
        ("http://epaper.example.com/content_7.htm", "2026年03月06日 星期五", None),
        ("http://epaper.example.com/html/2026-03/06/content_7.htm", "", None),
    ],
)  # fmt: skip
def test_the_date_of_an_edition_is_confirmed_by_the_url(url: str, top: str, published: str | None) -> None:
    tools = "<table><tr><td><a href='a'>返回目录</a> <a href='b'>放大</a></td></tr></table>"
    content = f"<table><tr><td>A05版：民生</td><td>{top}</td></tr></table>{tools}<div><h2>{TITLE}</h2></div><div>{paragraphs()}</div>"
    reading = read(page(content, nav=""), url)
    assert (reading.published.value if reading.published else None) == published
