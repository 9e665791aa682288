from __future__ import annotations

import pytest

from smartdaily_crawler.pages.reading import ExtractedValue, ImageReading
from tests.pages.pages import PARAGRAPHS, TITLE, article, body, page, paragraphs, read, teasers

# Body


@pytest.mark.parametrize(
    "text",
    [
        f"<div>{paragraphs()}</div>",
        "<div>\u3000\u3000" + "<br><br>\u3000\u3000".join(PARAGRAPHS) + "</div>",
        f"<div>{'<br>'.join(PARAGRAPHS)}</div>",
        "<div>" + "".join(f"<div>{text}</div>" for text in PARAGRAPHS) + "</div>",
        "<table>" + "".join(f"<tr><td>{text}</td></tr>" for text in PARAGRAPHS) + "</table>",
        "<article><section>"
        + "".join(f"<p><span>{text[:9]}</span><b>{text[9:]}</b></p>" for text in PARAGRAPHS)
        + "</section></article>",
        f"<div><div>{paragraphs(PARAGRAPHS[:1])}</div><div>{paragraphs(PARAGRAPHS[1:])}</div></div>",
    ],
    ids=["p", "br br", "br", "div", "table", "inline", "parts"],
)
def test_paragraphs_in_order(text: str) -> None:
    assert body(read(article(body=text, after=f"<ul>{teasers()}</ul>"))) == PARAGRAPHS


def test_subheads_lists_quotes_and_captions_stay_in_place() -> None:
    one, two, three = PARAGRAPHS
    text = (
        f"<div><p>{one}</p><h3>续航</h3><ul><li>电池：六千毫安时</li><li>充电：九十瓦</li></ul><p>{two}</p>"
        f"<blockquote>“数据不会说谎。”</blockquote><figure><img src='/a.png'><figcaption>发布会现场</figcaption></figure><p>{three}</p></div>"
    )
    assert body(read(article(body=text))) == [
        one,
        "续航",
        "电池：六千毫安时",
        "充电：九十瓦",
        two,
        "“数据不会说谎。”",
        "发布会现场",
        three,
    ]


@pytest.mark.parametrize(
    "foreign",
    [
        "<p>（原标题：星河新机来了）</p>",
        "<p>（责任编辑：admin）</p>",
        "<p>[责任编辑：谢砚]</p>",
        "<p>本文来源：北辰资讯 责任编辑：谢砚</p>",
        "<div>分享到：微信 微博</div>",
        "<p>更多精彩内容，请关注智能日报官方账号。</p>",
        "<p>版权声明：本文版权归原作者所有，未经许可不得转载。</p>",
        "<p>转载请注明出处：智能日报</p>",
        "<p>- THE END -</p>",
        "<p>字号：A- A A+</p>",
        "<p>【1】【2】【3】</p>",
        "<p>共3页: 上一页 1 2 3 下一页</p>",
        "<p><a href='/1.html'>上一篇：北辰平板上手体验</a></p>",
        "<p>〔关闭窗口〕 阅读 25394 次</p>",
        "<p>文｜许砚</p>",
        "<p>北辰新闻编辑 | 谢砚</p>",
        "<p>消息来源：北辰资讯</p>",
        "<p>【打印本页】【关闭窗口】</p>",
        "<div>分享让更多人看到</div>",
        "<p>本文系北辰网独家稿件，未经授权，不得转载。</p>",
        "<p>此内容为北辰财经原创，著作权归北辰财经所有。</p>",
        "<p>【本文结束】如需转载请务必注明出处：北辰科技</p>",
        "<p>（完）</p>",
        "<p>廣告</p>",
        "<p>（責任編輯：許硯）</p>",
        "<p>原標題：星河新機來了</p>",
        "<p>版權聲明：本文版權歸原作者所有，未經許可不得轉載。</p>",
        "<p>延伸閱讀：</p>",
        "<p><a href='/1.html'>上一則：北辰平板上手</a></p>",
        "<p>關閉視窗</p>",
        "<p>转播到腾讯微博</p>",
        "<p>【北辰网作品的中文相关权益归星河公司独家所有，未经授权不得转载。】</p>",
        "<p>以上内容（包括图片及视频）为创作者平台用户上传并发布，本平台仅提供信息存储服务。</p>",
        "<p><a href='/1.html'>« 北辰平板上手</a> | <a href='/2.html'>云栈耳机实测 »</a></p>",
        "<p>許砚熱線：0800-123456</p>",
        "<div class=ad><img src='/ad.png'><b>00:35</b><br>高画质大作今日开测<br>了解详情</div>",
        "<div>阅读剩余全文（）</div>",
        "<p>文章内容举报</p>",
        "<p style='display:none'>看不见的文字，也不属于正文。</p>",
    ],
)
def test_what_is_not_body(foreign: str) -> None:
    assert body(read(article(body=f"<div>{paragraphs()}{foreign}</div>"))) == PARAGRAPHS


def test_comments_and_related_lists_end_the_body() -> None:
    comments = (
        "<div><h3>网友评论</h3>" + "<div><p>说得很有道理，我也想买一台，希望价格再低一点。</p></div>" * 3 + "</div>"
    )
    assert body(read(article(after=comments))) == PARAGRAPHS


@pytest.mark.parametrize("heading", ["相關新聞", "網友回應", "發表評論", "熱門新聞", "延伸閱讀"])
def test_headings_in_traditional_characters_end_the_body(heading: str) -> None:
    after = (
        f"<div><h3>{heading}</h3>" + "<div><p>說得很有道理，我也想買一台，希望價格再低一點。</p></div>" * 3 + "</div>"
    )
    assert body(read(article(after=after))) == PARAGRAPHS


def test_a_related_header_at_the_head_of_the_text_does_not_end_it() -> None:
    promo = "新酷产品第一时间免费试玩，还有众多优质达人分享独到生活经验，快来众测，体验各领域最前沿、最有趣、最好玩的产品吧！下载客户端还能获得专享福利哦！"
    text = f"<div><p>{promo}</p><p>相关新闻：</p><p><a href='/1.html'>北辰平板上手体验</a></p>{paragraphs()}</div>"
    assert body(read(article(body=text)))[-3:] == PARAGRAPHS


def test_one_long_paragraph_does_not_hide_the_others() -> None:
    text = f"<div><div class=para>{PARAGRAPHS[0][:30]}。</div><h3>续航</h3><div class=para>{'，'.join(PARAGRAPHS)}</div></div>"
    assert body(read(article(body=text))) == [f"{PARAGRAPHS[0][:30]}。", "续航", "，".join(PARAGRAPHS)]


def test_one_paragraph_and_one_picture() -> None:
    reading = read(
        article(
            body=f"<div><div>{PARAGRAPHS[0]}</div><div class=i><img src='/a.png'><span>发布会现场</span></div></div>"
        )
    )
    assert body(reading) == [PARAGRAPHS[0], "发布会现场"]
    assert reading.images == [ImageReading(url="http://news.example.com/a.png", caption="发布会现场", paragraph=1)]


def test_a_short_flash() -> None:
    text = "星河手机三月六日宣布，新款旗舰将于本周末开售。"
    reading = read(article(body=f"<div>{text}</div>", after=f"<ul>{teasers()}</ul>"))
    assert (body(reading), reading.rejected) == ([text], None)


CARD = "<div class=gallery><h4><a href='/p/1.html'>图集：发布会的幕后</a></h4><ul><li><a href='/p/'>图片频道</a> |</li></ul></div>"


@pytest.mark.parametrize(
    "text",
    [
        f"<div class=text>{paragraphs(PARAGRAPHS[:1])}</div>{CARD}<div class=text>{paragraphs(PARAGRAPHS[1:])}</div>",
        f"<div class=text>{paragraphs(PARAGRAPHS[:2])}</div>{CARD}<div class=text>{paragraphs(PARAGRAPHS[2:])}</div>",
        "".join(f"<section class=part><div>{text}</div></section>" for text in PARAGRAPHS),
    ],
)
def test_pieces_of_one_shape_are_one_text(text: str) -> None:
    assert body(read(article(body=f"<div>{text}</div>"))) == PARAGRAPHS


@pytest.mark.parametrize(
    ("lead", "is_text"),
    [
        ("<p class=lead>{}</p>", True),
        ("<div><b>{}</b></div><div class=ad>廣告</div>", True),
        ("<p class=lead>摘要：{}</p>", False),
        ("<p class=lead>核心提示：{}</p>", False),
        ("<h3>{}</h3>", False),
    ],
    ids=["paragraph", "above an advertisement", "abstract", "key points", "heading"],
)
def test_a_lead_paragraph_in_an_element_of_its_own(lead: str, is_text: bool) -> None:
    opening = "本台消息，三月六日上午的发布会持续了两个小时，来自二十个城市的用户代表到场。"
    text = f"{lead.format(opening)}<div class=text>{paragraphs(PARAGRAPHS * 3)}</div>"
    assert (body(read(article(body=text)))[0] == opening) is is_text


@pytest.mark.parametrize("editor", ["责任编辑：谢砚", "[责任编辑：xieyan]", "编辑|谢砚", "责编：谢砚"])
def test_nothing_behind_the_editor_is_text(editor: str) -> None:
    behind = "<p>长按二维码，关注我们，回复“新机”看更多。</p><p>点一下再走，天天有好运。</p>"
    assert body(read(article(body=f"<div>{paragraphs()}<p>{editor}</p>{behind}</div>"))) == PARAGRAPHS


def test_credits_above_the_text_do_not_end_it() -> None:
    text = f"<div><p>{PARAGRAPHS[0]}{PARAGRAPHS[1]}</p><p>编辑：谢砚</p>{paragraphs(PARAGRAPHS * 2)}</div>"
    assert len(body(read(article(body=text)))) == 1 + 2 * len(PARAGRAPHS)


@pytest.mark.parametrize("level", ["h1", "h2"])
def test_another_article_below_is_none_of_this_one(level: str) -> None:
    text = f"<div class=text>{paragraphs(PARAGRAPHS[:2])}</div>"
    other = f"<div><{level}>云栈耳机降噪实测，地铁里能安静几分</{level}><div>云栈 2026-03-05 09:00</div>{paragraphs([PARAGRAPHS[1]] * 9)}</div>"
    html = page(f"<div><{level}>{TITLE}</{level}><div>2026-03-06 08:30 来源：北辰资讯</div>{text}{other}</div>")
    assert body(read(html)) == PARAGRAPHS[:2]


def test_another_article_below_is_told_by_a_line_set_like_a_plain_title() -> None:
    other = f"<p class=t>云栈耳机降噪实测</p><p>云栈 2026-03-05 09:00</p>{paragraphs([PARAGRAPHS[1]] * 9)}"
    text = f"<p class=t>{TITLE}</p><p>2026-03-06 08:30 来源：北辰资讯</p>{paragraphs(PARAGRAPHS[:2])}"
    assert body(read(page(f"<div>{text}{other}</div>"))) == PARAGRAPHS[:2]


@pytest.mark.parametrize(
    "note",
    [
        "更新时间：2026-03-06 10:00",
        "来源：北辰资讯 编辑：谢砚",
        "（2026年3月6日 10:00 更新）",
        "10:05 现场开始提问 2026-03-06 10:05",
    ],
)
@pytest.mark.parametrize("last", [PARAGRAPHS[2], "现场的提问持续到中午"])
def test_a_paragraph_set_like_the_title_does_not_open_another_article(last: str, note: str) -> None:
    texts = [*PARAGRAPHS[:2], last]
    lines = "".join(f"<p class=MsoNormal>{text}</p>" for text in (TITLE, "2026-03-06 08:30", *texts, note))
    assert body(read(page(f"<div>{lines}</div>")))[: len(texts)] == texts


@pytest.mark.parametrize(
    "box",
    [
        "<div class=rel><div>推荐阅读</div><div><a href='/1.html'>北辰平板上手体验：轻薄之外</a></div><div><a href='/2.html'>云栈耳机降噪实测三天</a></div></div>",
        "<div class=rel><b>相关新闻</b><br><a href='/1.html'>北辰平板上手体验：轻薄之外</a></div>",
    ],
)
def test_a_box_of_links_does_not_end_the_text_around_it(box: str) -> None:
    text = f"<div>{paragraphs(PARAGRAPHS)}{box}{paragraphs(PARAGRAPHS[::-1])}</div>"
    assert body(read(article(body=text))) == [*PARAGRAPHS, *PARAGRAPHS[::-1]]


def test_comments_under_a_link_that_repeats_the_title() -> None:
    comments = f"<div><p><a href='/c'>{TITLE}</a> | <a href='/login'>登录</a></p>" + (
        "<div><h4>我来说一句</h4><div>看得很过瘾，希望下一代能再轻一些，价格也更低一些。</div></div>" * 4 + "</div>"
    )
    assert body(read(article(body=f"<div>{paragraphs()}</div>{comments}"))) == PARAGRAPHS


@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_long_caption_outside_the_text_is_none_of_it(place: str) -> None:
    caption = "星河手机的发布会三月六日在杭州举行，图为产品负责人展示新机，机身采用一体成型的金属外壳，厚度只有七毫米，重量比上一代减轻了四十克。"
    picture = f"<ul><li><img src='/a.png'><p>{caption}</p></li></ul>"
    text = paragraphs(PARAGRAPHS * 2)
    html = article(
        body=f"<div>{picture if place == 'before' else ''}{text}{picture if place == 'behind' else ''}</div>"
    )
    assert body(read(html)) == PARAGRAPHS * 2


# Lists beside and within a text


PARTS = (
    "<div class=info>2026-03-06 08:30 来源：<a href='http://other.example/'>北辰资讯中心</a></div>",
    "<div class=text>{text}<p><a href='/x/1.html'>与星河手机有关的九款新品</a></p></div>",
    "<div class=share><a href='/mail.html'>把文章寄给朋友</a></div>",
    "<div class=near><a href='/2.html'>上一則：北辰平板上手体验</a></div>",
    "<div class=talk><a href='/talk.html'>發表評論，已有三人參與</a></div>",
)


@pytest.mark.parametrize(
    "title", [f"<h1>{TITLE}</h1>", f"<div class=head><h2>{TITLE}</h2><a href='/phone/'>手機與平板頻道</a></div>"]
)
def test_the_parts_of_a_page_are_no_list(title: str) -> None:
    html = page(f"<div>{title}{''.join(PARTS).format(text=paragraphs())}</div>")
    reading = read(html)
    assert (body(reading), reading.rejected) == (PARAGRAPHS, None)


def test_text_between_linked_advertisements_is_no_list() -> None:
    texts = ["他说，门店也在准备。", *PARAGRAPHS, "此外，另有两款配件。", *PARAGRAPHS]
    advertised = "".join(
        f"{text}<br>" + (f"<a href='/ad/{n}.html'>广告：第{n}款好物限时特惠</a><br>" if n % 3 else "")
        for n, text in enumerate(texts)
    )
    assert body(read(article(body=f"<div>{advertised}</div>"))) == texts


# Images


@pytest.mark.parametrize(
    ("picture", "caption"),
    [
        ("<p><img src='/a.png'></p>", None),
        ("<figure><img src='/a.png'><figcaption>发布会现场</figcaption></figure>", "发布会现场"),
        ("<div><img src='/a.png' alt='发布会现场'><span>发布会现场</span></div>", "发布会现场"),
        (
            "<table align=center><tr><td><img src='/a.png'></td></tr><tr><td><font>发布会现场</font></td></tr></table>",
            "发布会现场",
        ),
        ("<center><img src='/a.png'></center><center><small>发布会现场</small></center>", "发布会现场"),
        ("<p><img src='/a.png'></p><p style='text-align: center'>发布会现场</p>", "发布会现场"),
        ("<p><img src='/a.png'></p><p>▲发布会现场</p>", "▲发布会现场"),
        ("<p><img src='/grey.gif' data-original='/a.png'></p>", None),
    ],
)
def test_pictures_have_an_address_and_a_caption_that_is_also_a_paragraph(picture: str, caption: str | None) -> None:
    reading = read(article(body=f"<div><p>{PARAGRAPHS[0]}</p>{picture}<p>{PARAGRAPHS[1]}</p></div>"))
    assert reading.images == [ImageReading(url="http://news.example.com/a.png", caption=caption, paragraph=1)]
    assert body(reading) == [PARAGRAPHS[0], *([caption] if caption else []), PARAGRAPHS[1]]


def test_pictures_of_teasers_and_logos_are_not_the_articles() -> None:
    units = teasers().replace("<h4>", "<img src='/thumb.png'><h4>")
    assert read(article(after=f"<ul>{units}</ul><img src='/logo.png'>")).images == []


# The rest


def test_breadcrumb() -> None:
    crumb = "<div>当前位置：<a href='/'>首页</a> &gt; <a href='/phone/'>智能手机</a> &gt; 正文</div>"
    assert read(page(f"{crumb}<h1>{TITLE}</h1><div>{paragraphs()}</div>")).categories == ["智能手机"]
    assert read(article()).categories == []


def test_canonical_address() -> None:
    assert (
        read(article(head='<link rel="canonical" href="/2026/0306/7.html">')).canonical_url
        == "http://news.example.com/2026/0306/7.html"
    )
    assert read(article()).canonical_url is None


def test_summary_only_where_the_description_is_about_the_article() -> None:
    about = f'<meta name="description" content="{PARAGRAPHS[0][:50]}">'
    site = '<meta name="description" content="智能日报是领先的科技媒体，每天为您报道数码产品与行业动态。">'
    assert read(article(head=about)).summary == ExtractedValue(PARAGRAPHS[0][:50], "meta")
    assert read(article(head=site)).summary is None
    assert read(article()).summary is None


@pytest.mark.parametrize(
    ("pager", "expected"),
    [
        ('<a href="7_2.html">下一页</a>', "http://news.example.com/2026/0306/7_2.html"),
        ('【1】<a href="7_2.html">【2】</a><a href="7_3.html">【3】</a>', "http://news.example.com/2026/0306/7_2.html"),
        (
            '<b>1</b> <a href="7_2.html">2</a> <a href="7_3.html">3</a> <a href="7_2.html">下一页</a>',
            "http://news.example.com/2026/0306/7_2.html",
        ),
        (
            '<b>第1页：开箱</b><a href="7_2.html">第2页：屏幕与续航</a><a href="7_3.html">第3页：总结</a>',
            "http://news.example.com/2026/0306/7_2.html",
        ),
        ('<a href="7_1.html">下一页</a>', "http://news.example.com/2026/0306/7_1.html"),
        ('<a href="7_all.html">余下全文</a>', "http://news.example.com/2026/0306/7_all.html"),
        ('<a href="?page=all">在本页阅读全文</a>', "http://news.example.com/2026/0306/7.html?page=all"),
        ('<a href="?from=app">阅读全文</a><a href="8.html">阅读全文</a>', None),
        ('<a href="8.html">下一篇：北辰平板上手</a>', None),
        ('<a href="8.html">下一页</a>', None),
        ('<a href="7.html">下一页</a>', None),
        ("<span>下一页</span>", None),
    ],
)
def test_next_page_of_the_article(pager: str, expected: str | None) -> None:
    assert read(article(after=f"<div>{pager}</div>")).next_url == expected


@pytest.mark.parametrize(("others", "expected"), [("7_2", "http://news.example.com/2026/0306/7_1.html"), ("8_2", None)])
def test_parts_may_be_counted_from_nought(others: str, expected: str | None) -> None:
    pager = f'<em>1</em><a href="7_1.html">2</a><a href="{others}.html">3</a><a href="7_1.html">下一页</a>'
    assert read(article(after=f"<div>{pager}</div>")).next_url == expected


def test_a_later_page_leads_on_and_the_last_does_not() -> None:
    middle = article(
        after='<div><a href="7.html">1</a> <b>2</b> <a href="7_3.html">3</a> <a href="7_3.html">下一页</a></div>'
    )
    last = article(after='<div><a href="7.html">1</a> <a href="7_2.html">2</a> <b>3</b></div>')
    assert (
        read(middle, "http://news.example.com/2026/0306/7_2.html").next_url
        == "http://news.example.com/2026/0306/7_3.html"
    )
    assert read(last, "http://news.example.com/2026/0306/7_3.html").next_url is None


# Words of an imprint

FILINGS = [
    "备案制度推行满一年，已有两百多款模型走完流程，其中三成来自医疗和教育行业的公司。",
    "版权所有者与平台的谈判上周破裂，双方都表示愿意在下个月重新坐到桌前。",
    "Copyright一词最早出现在十八世纪的法令里，今天的争论仍然绕不开它，专家们这样说。",
    "记者查询得知，该网站的登记号为京ICP备20260306号，主办单位是一家成立不足半年的公司。",
    "版权归属不清，未经授权复制他人代码的案件因此逐年增多，法院今年已经受理四百起。",
]


@pytest.mark.parametrize("text", FILINGS)
@pytest.mark.parametrize("place", [None, 0, 1, 3], ids=["alone", "first", "within", "last"])
def test_a_sentence_with_the_words_of_an_imprint_is_text(text: str, place: int | None) -> None:
    texts = [text] if place is None else [*PARAGRAPHS[:place], text, *PARAGRAPHS[place:]]
    assert body(read(article(body=f"<div>{paragraphs(texts)}</div>"))) == texts


def test_a_text_about_filings_only_is_no_imprint() -> None:
    assert body(read(article(body=f"<div>{paragraphs(FILINGS)}</div>"))) == FILINGS


@pytest.mark.parametrize(
    "imprint",
    [
        "<footer><p>本站版权所有，转载需要书面授权，违者将被追究法律责任，特此说明。</p></footer>",
        "<div>星河报社版权所有，未经书面授权禁止使用，违者必究，举报电话请见联系我们一页。</div>",
        "<div>京ICP备20260306号-1 京公网安备11010502030143号 互联网新闻信息服务许可证10120260306</div>",
        "<div>Copyright © 2009-2026，智能日报网络科技有限公司，保留一切权利，服务热线请见首页。</div>",
    ],
)
def test_an_imprint_below_a_short_text_is_not_part_of_it(imprint: str) -> None:
    page_ = article(body=f"<div><p>{PARAGRAPHS[0]}</p></div>", after=imprint)
    assert body(read(page_)) == PARAGRAPHS[:1]
