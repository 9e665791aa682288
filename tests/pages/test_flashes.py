"""Short items: a title that only the head has, or none but the text itself."""

from __future__ import annotations

import pytest

from tests.pages.pages import body, page, read, teasers

TITLE = "边远地区疫苗接种率两年下降七个百分点"
TOLD = "一份报告指出，边远地区的疫苗接种率在过去两年里下降了七个百分点，冷链设备不足是主要原因。"
LONG = TOLD + "报告建议在三年内为每个乡镇配备冷藏车，并培训两千名接种人员，所需资金由两级财政共同承担。"
TRADITIONAL_TITLE = "邊遠地區疫苗接種率兩年下降七個百分點"
TRADITIONAL = "一份報告指出，邊遠地區的疫苗接種率在過去兩年裡下降了七個百分點，冷鏈設備不足是主要原因。"
RELATED = f"<div class=more><h3>相关推荐</h3><ul>{teasers()}</ul></div>"
LINKS = "".join(f"<li><a href='/a/{n}.html'>第{n}条值得一读的快讯标题</a></li>" for n in range(6))


@pytest.mark.parametrize("separator", ["", "\n"])
@pytest.mark.parametrize("below", ["", RELATED, f"<h3>热门</h3><ul>{LINKS}</ul>"], ids=["alone", "related", "links"])
@pytest.mark.parametrize(("title", "told"), [(TITLE, TOLD), (TITLE, LONG), (TRADITIONAL_TITLE, TRADITIONAL)])
@pytest.mark.parametrize(
    "form",
    [
        "<div class=t>2026-03-06 16:40</div>{s}<div class=c><p>{told}</p></div>",
        "<div class=c>{told}</div>{s}<div class=t>2026年03月06日 16:40:12</div>",
        "<section>{s}<time>2026-03-06 16:40</time>{s}<p>{told}</p>{s}<span>分享</span> <span>收藏</span></section>",
    ],
)
def test_a_dated_flash_about_the_head_s_title_is_an_article(
    form: str, title: str, told: str, below: str, separator: str
) -> None:
    html = page(f"<div>{form.format(told=told, s=separator)}</div>{below}", title=f"{title} - 北辰见闻")
    reading = read(html)
    assert reading.rejected is None
    assert reading.title is not None
    assert reading.title.value == title
    assert body(reading) == [told]


@pytest.mark.parametrize("below", ["", RELATED, f"<div><h3>热门</h3>{LINKS}</div>"], ids=["alone", "related", "links"])
@pytest.mark.parametrize("suffix", ["", "_北辰电报"])
@pytest.mark.parametrize(
    ("above", "told", "title"),
    [
        (f"<div><span>{TITLE}</span></div><div>北辰社 2026-03-06 09:41:27 星期五</div>", TOLD, TITLE),
        ("<div>2026-03-06 09:41:27</div>", f"【{TITLE}】{TOLD}", TITLE),
        ("<div>2026-03-06 09:41:27</div>", TOLD, TOLD),
        (f"<div>{TRADITIONAL_TITLE}</div><div>2026-03-06 09:41</div>", TRADITIONAL, TRADITIONAL_TITLE),
    ],
    ids=["a line above", "brackets", "nothing else", "traditional"],
)
def test_a_head_with_the_whole_text_in_place_of_a_title(
    above: str, told: str, title: str, suffix: str, below: str
) -> None:
    reading = read(page(f"<div>{above}<div class=c>{told}</div></div>{below}", title=told + suffix))
    assert reading.rejected is None
    assert reading.title is not None
    assert reading.title.value == title
    assert body(reading) == [told]
    assert reading.published is not None


@pytest.mark.parametrize(
    ("title", "content"),
    [
        ("北辰见闻_每日要闻_实时快讯", f"<div>2026-03-06 16:40</div><p>{TOLD}</p><ul>{LINKS}</ul>"),
        ("疫苗接种", f"<div>2026-03-06 16:40</div><p>{TOLD}</p><ul>{LINKS}</ul>"),
        (f"{TITLE} - 北辰见闻", f"<p>{TOLD}</p><ul>{LINKS}</ul>"),
        ("手机数码频道：新品评测与选购指南", f"<div>2026-03-06 16:40</div><p>{TOLD}</p><ul>{LINKS}</ul>"),
    ],
    ids=["a site's name", "a short title", "no date", "another title"],
)
def test_a_list_with_a_dated_card_is_none(title: str, content: str) -> None:
    assert read(page(f"<div>{content}</div>", title=title)).rejected == "listing"
