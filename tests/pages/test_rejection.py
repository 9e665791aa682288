from __future__ import annotations

import pytest

from tests.pages.pages import OTHERS, PARAGRAPHS, TITLE, URL, article, page, paragraphs, read

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
        ("<p>网络不给力，请稍后重试</p>", "百度安全验证", "captcha"),
        ("<p>服务器繁忙，请稍后重试</p>", "智能日报", "error_page"),
        ("<p>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</p>", "405", "blocked"),
        ("<p>系统检测到异常流量，请完成下方的校验</p>", "安全校验", "captcha"),
        ("<p>正在进行访问验证，请勿关闭页面</p>", "访问验证_智能日报", "captcha"),
        ("<p>我们检测到您的网络存在异常流量</p>", "智能日报", "blocked"),
        ("<h1>网站维护中</h1><p>预计两小时后恢复。</p>", "智能日报", "error_page"),
        ("<p>本站正在进行系统升级，给您带来不便敬请谅解。</p>", "公告_智能日报", "error_page"),
        ("<p>哎呀，服务器开小差了，请稍后再试</p>", "智能日报", "error_page"),
        ("<h1>服务器错误</h1><p>编号 7c31</p>", "服务器错误", "error_page"),
        ("<h1>502 Bad Gateway</h1>", "502 Bad Gateway", "error_page"),
        ("<h1>页面不存在</h1><p>2026-03-06</p><p>请从首页重新进入。</p>", "页面不存在_智能日报", "soft_404"),
        ("<p>2026-03-06 08:30</p><p>您访问的文章已被删除，看看下面的内容吧。</p>", "智能日报", "soft_404"),
        ("<h1>出错了</h1><p>换一篇看看吧</p>", "出错了_智能日报", "soft_404"),
        ("<p>继续阅读请登录</p>", "智能日报", "login_wall"),
        ("<p>请登录后继续阅读全文。</p>", "智能日报", "login_wall"),
        ("<h2>请先注册成为会员后查看</h2>", "智能日报", "login_wall"),
        ("<p>　</p><p>&nbsp;</p>", "智能日报", "no_body"),
        (f"<h1>{TITLE}</h1>", f"{TITLE}_智能日报", "no_body"),
        ("", "智能日报", "no_body"),
        (f"<h2>业界资讯</h2><ul>{ENTRIES}</ul>", "业界资讯_智能日报", "listing"),
        (f"<h1>早风</h1><p>专栏作者，不追热点，只写看懂的东西。</p><ul>{ENTRIES}</ul>", "早风_智能日报", "listing"),
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
        "登录后继续阅读",
        "继续阅读请先登录",
        "余下全文须付费阅读",
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


@pytest.mark.parametrize("saying", SAYINGS)
@pytest.mark.parametrize("info", ["<div>2026-03-06</div>", ""], ids=["dated", "undated"])
def test_an_unsigned_flash_about_these_things_is_one(saying: str, info: str) -> None:
    assert read(article(info, body=f"<div><p>{saying}</p></div>")).rejected is None


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("银行不再要求输入验证码，老人转账方便了", "多家银行从今天起改用刷脸，短信里的那串数字成为历史，老人也不必再问旁人。"),
        ("一座城市的404地图：消失的老店去了哪里", "作者走访了三十条街巷，记录下已经关门的店铺，并写下它们的故事。"),
        ("演员辟谣：工作室已删除不实文章", "工作室说，相关内容已被删除，对方也在昨日公开致歉，双方不再追究。"),
        ("签证申请被拒绝怎么办，过来人的经验", "材料齐全也可能被拒绝，几位申请人讲述了他们补充材料再次递交的过程。"),
        ("地铁系统升级之后，早高峰快了六分钟", "运营方介绍，服务器错误率降到了原来的三分之一，候车时间随之缩短。"),
    ],
)  # fmt: skip
def test_an_undated_short_article_about_these_things_is_one(title: str, told: str) -> None:
    html = article("", body=f"<div><p>{told}</p></div>").replace(TITLE, title)
    assert read(html).rejected is None


@pytest.mark.parametrize("title", ["四家企业联手推出验证码新标准", "404页面的设计也有讲究", "登录之后：一个账号的一天"])
def test_a_title_about_these_things_is_one(title: str) -> None:
    html = article().replace(TITLE, title)
    assert read(html).rejected is None


@pytest.mark.parametrize(
    "last",
    [
        "用户需订阅会员才能阅读全文，引发争议。",
        "这家报纸的读者登录后可阅读全文。",
        "不少读者说，订阅之后才能阅读全文的做法让人却步，平台则表示会继续扩大免费的部分，并在今年夏天公布新的方案。",
    ],
)
def test_an_article_that_ends_with_a_word_on_subscriptions_is_one(last: str) -> None:
    assert read(article(body=f"<div>{paragraphs([*PARAGRAPHS, last])}</div>")).rejected is None


def test_a_rejected_page_still_says_what_could_be_read() -> None:
    reading = read(page(f"<div><h1>{TITLE}</h1></div>"))
    assert reading.title is not None
    assert reading.title.value == TITLE


@pytest.mark.parametrize(
    ("info", "told"),
    [("<div>来源：北辰网</div>", "三家门店今日同时开业，首日客流超过预期。"), ("", PARAGRAPHS[0] + PARAGRAPHS[1])],
    ids=["signed", "longer"],
)
def test_an_undated_short_article_above_a_list_is_one(info: str, told: str) -> None:
    html = article(info, body=f"<div><p>{told}</p></div>", after=f"<ul>{ENTRIES}</ul>")
    assert read(html).rejected is None


BUTTONS = {
    "product": [
        "<p>价格</p><p>¥149.00</p><a href='/buy'>立即购买</a><p>{text}</p>",
        "<ul><li>商品详情</li><li>规格参数</li><li>累计评价 30</li></ul><p>{text}</p><p>运费</p>",
        "<p>{text}</p><div>加入購物車</div><div>商品介紹</div><div>庫存：3</div>",
        "<ul><li>参考价：3999元</li><li>商家报价</li><li>产品参数</li></ul><p>{text}</p><div>优惠券</div><div>月销量 200</div>",
    ],
    "live_room": [
        "<p>正在直播</p><p>在线人数 3021</p><p>{text}</p><div>送礼物</div>",
        "<p>{text}</p><div>進入聊天室</div><div>觀看人數：12</div><div>直播中</div>",
    ],
    "video": [
        "<p>2.3万次播放</p><div>弹幕</div><div>选集 1/20</div><p>{text}</p>",
        "<div>正在播放</div><div>倍速</div><p>{text}</p><div>相關影片</div>",
    ],
    "login_wall": [
        "<form><p>用户名</p><input name=u><input type=password name=p></form><p>{text}</p>",
        "<form><label>密碼</label><input TYPE='PASSWORD'></form><div>{text}</div>",
    ],
}  # fmt: skip
BLURB = "本店承诺七日内可以退换，客服每天早上九点到晚上九点在线，节假日照常。"


@pytest.mark.parametrize(("kind", "content"), [(kind, each) for kind, forms in BUTTONS.items() for each in forms])
def test_pages_of_other_kinds(kind: str, content: str) -> None:
    html = page(f"<h1>{TITLE}</h1><div>{content.format(text=BLURB)}</div>")
    assert read(html).rejected == kind


@pytest.mark.parametrize("content", [each for forms in BUTTONS.values() for each in forms])
def test_an_article_with_such_buttons_beside_it_is_one(content: str) -> None:
    beside = f"<div class=side>{content.format(text='')}</div>"
    assert read(article(after=beside)).rejected is None
    long = article("<div>2026-03-06 08:30</div>", body=f"<div>{paragraphs(PARAGRAPHS * 6)}</div>", after=beside)
    assert read(long).rejected is None


def test_a_page_that_its_head_calls_a_product() -> None:
    html = page(f"<h1>{TITLE}</h1><div>{paragraphs()}</div>", head='<meta property="og:type" content="product.item">')
    assert read(html).rejected == "product"


SECTIONS = "".join(f"<h2><a href='#s{n}'>小节之{n}的标题</a></h2>{paragraphs()}" for n in range(4))


def card(number: int, text: str) -> str:
    return (
        f"<div class=c{number}><h2><a href='/{number}.html'>第{number}条值得一读的新闻标题</a></h2><p>{text}</p></div>"
    )


CARDS = "".join(card(number, text) for number, text in enumerate([*PARAGRAPHS, *PARAGRAPHS[::-1]] * 2))
FRONTS = [
    f"<div><h2><a href='/7.html'>{TITLE}</a></h2><p>{PARAGRAPHS[0]}…</p></div><ul>{ENTRIES}</ul>",
    f"<div><h2><a href='/7.html'>{TITLE}</a>[2026-03-06 08:30]</h2><p>{PARAGRAPHS[0]}</p></div><ul>{ENTRIES}</ul>",
    f"<div>2026年3月6日 星期五</div><div>多雲，早晚清涼，市區最低氣溫約十四度，新界再低一兩度。</div><ul>{ENTRIES}</ul>",
    f"<div class=a><p>{BLURB}</p></div>" + f"<ul>{ENTRIES}</ul>" * 3,
]


@pytest.mark.parametrize("content", FRONTS, ids=["lead entry", "dated lead entry", "weather", "notice above lists"])
@pytest.mark.parametrize("head", ["北辰新聞網", "智能日报_每日新闻"])
def test_a_page_of_links_is_a_list_whatever_text_a_card_holds(content: str, head: str) -> None:
    assert read(page(content, title=head)).rejected == "listing"


def test_several_entries_under_linked_headings_are_a_list() -> None:
    assert read(page(f"<h1><a href='/'>北辰网志</a></h1><div>{CARDS}</div>", title="北辰网志")).rejected == "listing"


def test_whole_texts_under_linked_headings_are_a_list() -> None:
    posts = "".join(
        f"<h2><a href='/{n}.html'>第{n}篇值得一读的文章标题</a></h2><div>2026-03-0{n} 08:30 作者：许砚</div>{paragraphs(PARAGRAPHS * 5)}"
        for n in range(1, 5)
    )
    assert read(page(f"<div>{posts}</div>", title="北辰网志")).rejected in {"listing", "no_body"}


def test_an_entry_of_a_list_of_headings_is_no_title() -> None:
    entries = "".join(f"<div class=p><h2>第{n}期节目精彩看点回放</h2><p>2026-03-0{n}</p></div>" for n in range(1, 5))
    prize = f"<table><tr><td><div>{PARAGRAPHS[0]}{PARAGRAPHS[1]}{PARAGRAPHS[2]}</div></td></tr></table>" * 2
    html = page(f"<div>{entries}</div>{prize}", title="第3期节目精彩看点回放 第4期节目精彩看点回放")
    assert read(html).rejected == "no_body"


def test_a_text_far_below_a_title_without_a_byline_is_none_of_it() -> None:
    rows = "".join(f"<tr><td>参数{n}</td><td>{n}毫米</td></tr>" for n in range(40))
    assert read(page(f"<h1>{TITLE}</h1><table>{rows}</table><div>{paragraphs()}</div>")).rejected == "no_body"


@pytest.mark.parametrize("url", ["http://news.example.com/", "http://www.example.com/index.html"])
def test_a_front_page_is_no_article(url: str) -> None:
    html = page(f"<h1>{TITLE}</h1><div>{paragraphs()}</div>")
    assert read(html, url).rejected == "no_body"
    assert read(html, f"{url}?p=7").rejected is None


@pytest.mark.parametrize(
    "html",
    [
        page(f"<h1>{TITLE}</h1><div>{paragraphs()}</div>"),
        page(f"<h1><a href='{URL}'>{TITLE}</a></h1><div>{PARAGRAPHS[0]}</div>"),
        page(f"<div>2026-03-06 08:30</div><h2><a href='/2026/0306/7.html'>{TITLE}</a></h2><div>{paragraphs()}</div><ul>{ENTRIES}</ul>"),
        article("<div>2026-03-06 08:30</div>", body=f"<div><p>{PARAGRAPHS[0]}</p></div>", after=f"<ul>{ENTRIES}</ul>" * 3),
        page(f"<h1><a href='{URL}#top'>{TITLE}</a></h1><div>{SECTIONS}</div>"),
    ],
    ids=["unsigned", "a title that links itself", "a journal", "a dated flash above lists", "subheads that link themselves"],
)  # fmt: skip
def test_an_article_without_a_name_is_one(html: str) -> None:
    assert read(html).rejected is None
