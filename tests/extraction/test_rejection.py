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
        ("<h1>404</h1><p>您要找的内容走丢了</p>", "出错了", "soft_404"),
        ("<p>抱歉，没有找到您要的文章，5秒后返回首页</p>", "智能日报", "soft_404"),
        (
            "<p>您的请求已被网站管理员设置拦截，请联系网站防火墙服务商</p><p>2026-03-06 12:00:00</p>",
            "网站防火墙",
            "blocked",
        ),
        ("<p>Checking your browser before accessing</p>", "Just a moment...", "blocked"),
        ("<p>点击按钮进行验证</p>", "请稍候", "captcha"),
        ("<p>请登录后继续阅读全文。</p>", "智能日报", "login_wall"),
        ("<h2>请先注册成为会员后查看</h2>", "智能日报", "login_wall"),
        ("<p>　</p><p>&nbsp;</p>", "智能日报", "no_body"),
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


@pytest.mark.parametrize(
    "wall",
    [
        "登录后阅读全文",
        "请先登录，查看剩余内容",
        "本文为付费内容，订阅后可继续",
        "开通会员解锁全文",
        "剩余65%内容，付费后可读",
    ],
)
@pytest.mark.parametrize("place", ["in the text", "behind it"])
def test_a_wall_behind_the_first_paragraphs(wall: str, place: str) -> None:
    text = paragraphs() + (f"<p>{wall}</p>" if place == "in the text" else "")
    after = f"<div><a href='/login'>{wall}</a></div>" if place == "behind it" else ""
    assert read(article(body=f"<div>{text}</div>", after=after)).rejected == "login_wall"


def test_mojibake() -> None:
    html = page(f"<h1>{TITLE}</h1><div>{paragraphs()}</div>", nav="", footer="")
    assert read(html.encode().decode("latin-1")).rejected == "mojibake"
    assert (
        read(page(f"<h1>锟斤拷锟斤拷锟斤拷</h1><p>{'锟斤拷' * 50}</p>", title="锟斤拷锟斤拷锟斤拷")).rejected
        == "mojibake"
    )


SAYINGS = [
    "登录方式升级，多家应用宣布不再要求用户输入验证码，页面提示404的情况也将减少。",
    "网友称，页面提示请输入验证码，随后又显示404，登录后才能查看，访问过于频繁也会被拒绝。",
    "这家公司的机器人走进了工厂，防火墙产品的销量也随之上升。",
    "该平台的付费阅读收入增长了三成，会员专享的内容登录后可见。",
    "开发者称，旧版页面不存在的问题已经修复，文章被删除后会给出提示。",
]


@pytest.mark.parametrize("saying", SAYINGS)
def test_an_article_about_these_things_is_one(saying: str) -> None:
    about = [PARAGRAPHS[0], saying, *PARAGRAPHS[1:]]
    assert read(article(body=f"<div>{paragraphs(about)}</div>")).rejected is None


@pytest.mark.parametrize("saying", SAYINGS)
def test_a_flash_about_these_things_is_one(saying: str) -> None:
    assert read(article(body=f"<div><p>{saying}</p></div>")).rejected is None


@pytest.mark.parametrize(
    "title", ["四家企业联手推出验证码新标准", "404页面的设计也有讲究", "登录之后：一个账号的一天"]
)
def test_a_title_about_these_things_is_one(title: str) -> None:
    html = article().replace(TITLE, title)
    assert read(html).rejected is None


def test_an_article_that_ends_with_a_word_on_subscriptions_is_one() -> None:
    last = "不少读者说，订阅之后才能阅读全文的做法让人却步，平台则表示会继续扩大免费的部分，并在今年夏天公布新的方案。"
    assert read(article(body=f"<div>{paragraphs([*PARAGRAPHS, last])}</div>")).rejected is None


def test_a_rejected_page_still_says_what_could_be_read() -> None:
    reading = read(page(f"<div><h1>{TITLE}</h1></div>"))
    assert reading.title is not None
    assert reading.title.value == TITLE
