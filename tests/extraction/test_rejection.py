from __future__ import annotations

import pytest

from tests.extraction.pages import OTHERS, PARAGRAPHS, TITLE, article, page, paragraphs, read

ENTRIES = "".join(
    f'<li><h4><a href="/{n}.html">{title}{n}</a></h4><p>{summary}</p><span>{date}</span></li>'
    for n, (title, summary, date) in enumerate(OTHERS * 3)
)


@pytest.mark.parametrize(
    ("content", "title", "reason"),
    [
        ("<p>请输入验证码后继续访问</p><input>", "安全验证", "captcha"),
        ("<div>请完成下方的滑块验证，以证明您不是机器人。</div>", "智能日报", "captcha"),
        ("<h1>访问过于频繁</h1><p>您的IP访问过于频繁，请稍后再试。</p>", "提示信息", "blocked"),
        ("<h1>403 Forbidden</h1><p>Access denied.</p>", "403 Forbidden", "blocked"),
        ("<p>抱歉，您访问的页面不存在或已被删除。</p>", "提示信息_智能日报", "soft_404"),
        ("<h2>文章已删除</h2><p>该文章已被撤回。</p>", "文章已删除", "soft_404"),
        ("<h1>404</h1>", "404 Not Found", "soft_404"),
        ("<p>请登录后继续阅读全文。</p>", "智能日报", "login_wall"),
        (f"<h1>{TITLE}</h1>", f"{TITLE}_智能日报", "no_body"),
        ("", "智能日报", "no_body"),
        (f"<h2>业界资讯</h2><ul>{ENTRIES}</ul>", "业界资讯_智能日报", "listing"),
        (
            f"<ul>{ENTRIES}</ul><p>本栏目每天更新，欢迎读者来信来电提供线索，编辑部将在一个工作日内答复。</p>",
            "业界资讯_智能日报",
            "listing",
        ),
    ],
)
def test_what_is_no_article(content: str, title: str, reason: str) -> None:
    assert read(page(f"<div>{content}</div>", title=title, footer="")).rejected == reason


def test_mojibake() -> None:
    html = page(f"<h1>{TITLE}</h1><div>{paragraphs()}</div>", nav="", footer="")
    assert read(html.encode().decode("latin-1")).rejected == "mojibake"
    assert (
        read(page(f"<h1>锟斤拷锟斤拷锟斤拷</h1><p>{'锟斤拷' * 50}</p>", title="锟斤拷锟斤拷锟斤拷")).rejected
        == "mojibake"
    )


def test_an_article_about_these_things_is_one() -> None:
    about = [
        PARAGRAPHS[0],
        "网友称，页面提示请输入验证码，随后又显示404，登录后才能查看，访问过于频繁也会被拒绝。",
        *PARAGRAPHS[1:],
    ]
    assert read(article(body=f"<div>{paragraphs(about)}</div>")).rejected is None


def test_a_rejected_page_still_says_what_could_be_read() -> None:
    reading = read(page(f"<div><h1>{TITLE}</h1></div>"))
    assert reading.title is not None
    assert reading.title.value == TITLE
