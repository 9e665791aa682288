from __future__ import annotations

import pytest

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.navigation import read_navigation
from tests.pages.pages import FOOTER, NAV, page

URL = "http://news.example.com/"
NAMES = ["业界资讯", "智能手机", "电脑硬件", "笔记本"]
LINKS = "".join(f'<a href="/c{number}/">{name}</a>' for number, name in enumerate(NAMES))


def names(html: str, selectors: Selectors | None = None) -> list[str]:
    return [link.name for link in read_navigation(Document(html, URL), selectors)]


@pytest.mark.parametrize(
    "header",
    [
        f'<div class="x"><a href="/">首页</a>{LINKS}</div>',
        "<ul><li><a href='/'>首页</a></li>"
        + "".join(f'<li><a href="/c{n}/">{name}</a></li>' for n, name in enumerate(NAMES))
        + "</ul>",
        "<table><tr>"
        + "".join(f'<td><a href="/c{n}/">{name}</a></td>' for n, name in enumerate(NAMES))
        + "</tr></table>",
        f"<nav style='display:none'>{LINKS}</nav>",
        f"<header><div><a href='/'>首页</a> <a href='/login'>登录</a> <a href='/reg'>注册</a></div><nav>{LINKS}</nav><div><a href='/'>简体</a> | <a href='/tw/'>繁體</a> | <a href='/en/'>English</a></div></header>",
        "<p>" + " | ".join(f'<a href="http://c{n}.example.com/">{name}</a>' for n, name in enumerate(NAMES)) + "</p>",
    ],
    ids=["links", "list", "table", "hidden", "header", "channels"],
)
def test_the_categories_of_the_header(header: str) -> None:
    stories = "".join(f'<li><a href="/a/{n}.html">第{n}则足够长的新闻标题文字</a></li>' for n in range(20))
    assert names(page(f"<ul>{stories}</ul>", nav=header)) == NAMES


def test_a_home_page_with_one_category() -> None:
    nav = '<div class="top"><ul><li><a href="/">首页</a></li><li><a href="/news/">业界资讯</a></li></ul></div>'
    assert names(page('<p><a href="/news/">业界资讯</a></p>', nav=nav, footer="")) == ["业界资讯"]
    assert names(page('<p><a href="/news/">业界资讯</a></p>', nav="", footer="")) == ["业界资讯"]


def test_addresses_are_absolute_and_of_the_site() -> None:
    nav = f'<div>{LINKS}<a href="http://other.example.org/">友站新闻</a><a href="javascript:void(0)">换肤</a><a href="mailto:a@example.com">邮箱</a></div>'
    links = read_navigation(Document(page("", nav=nav), URL))
    assert [link.url for link in links] == [f"http://news.example.com/c{number}/" for number in range(4)]


def test_a_page_without_navigation() -> None:
    assert names(page("<p>文</p>", nav="")) == []


def test_a_selector_wins_and_an_empty_one_does_not() -> None:
    html = page('<div id="c"><a href="/x/">耳机音频</a></div>', nav=NAV, footer=FOOTER)
    assert names(html, Selectors(navigation="#c a")) == ["耳机音频"]
    assert names(html, Selectors(navigation="#none a")) == ["智能手机", "电脑硬件", "智能家电"]
