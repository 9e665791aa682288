from __future__ import annotations

from time import process_time

import pytest

from smartdaily_crawler.markup.app_shell import is_shell
from smartdaily_crawler.markup.document import Document

COUNTERS = (
    '<script src="https://hm.baidu.com/hm.js?1"></script><script src="/static/jquery-3.7.min.js"></script>'
    "<script>var _hmt = _hmt || [];</script>"
)
FOOTER = "<div class=footer>版权所有 备案号00000000</div>"


def document(body: str) -> Document:
    return Document(f"<html><body>{body}{COUNTERS}{FOOTER}</body></html>", "http://news.example/")


@pytest.mark.parametrize(
    "body",
    [
        # Vue, React, Next, Nuxt
        '<div id="app"></div><script src="/js/chunk-vendors.8d1.js"></script><script src="/js/app.77.js"></script>',
        '<noscript>You need to enable JavaScript.</noscript><div id="root"></div><script defer src="/static/js/main.9f.js"></script>',
        '<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{}</script><script src="/_next/static/chunks/main-1.js"></script>',
        '<div id="__nuxt"><!----></div><script type="module" src="/_nuxt/entry.3c.js"></script>',
        # An inline script names the place that it fills.
        '<ul id="newsList"></ul><script>$.getJSON("/api/list", function (d) { $("#newsList").html(d.html); });</script>',
        '<div class="j-feed"></div><script>document.querySelector(".j-feed").innerHTML = load();</script>',
        # The place says where its content comes from, or that it comes.
        '<div data-url="/api/article/7"></div><script src="/js/detail.js"></script>',
        '<div class="box">正在加载…</div><script src="/js/detail.js"></script>',
        '<div class="box"><p>Loading...</p></div><script src="/js/detail.js"></script>',
        # Its name does, and the page brings a script of its own.
        '<div class="article-content"></div><script src="/js/detail.js"></script>',
    ],
)
def test_a_shell(body: str) -> None:
    assert is_shell(document(body))


def test_a_long_state_in_a_script_hides_nothing() -> None:
    state = "window.__STATE__ = {" + "a:1," * 100_000 + "};"
    assert is_shell(document(f'<div class="j-feed"></div><script>{state} fill(".j-feed")</script>'))


@pytest.mark.parametrize(
    "hostile",
    ["<script>" * 20_000, "<script " * 20_000, '<div class="x"></div>' * 20_000 + "<script>" + "y " * 200_000],
)
def test_a_page_that_was_made_to_hold_it_up_does_not(hostile: str) -> None:
    began = process_time()
    is_shell(document(hostile))
    assert process_time() - began < 5  # 0.3 at most; it was minutes where each opening looked for its closing


@pytest.mark.parametrize(
    "body",
    [
        "<h1>404</h1><p>您访问的页面不存在。</p>",
        '<h1>404</h1><p>页面不存在。</p><div class="ad-slot"></div><div id="totop"></div><script src="/js/ads.js"></script>',
        '<div class="comment-list">加载中</div><script src="/js/comment.js"></script>',
        '<div id="app"></div>',  # nothing is there to fill it
        '<div class="clear"></div><div class="line"></div><script src="/js/site.js"></script>',
        '<div id="content"><img src="/a.jpg"></div><script src="/js/site.js"></script>',
        '<div id="content" style="display:none"></div><script src="/js/site.js"></script>',
        "",
    ],
)
def test_no_shell(body: str) -> None:
    assert not is_shell(document(body))
