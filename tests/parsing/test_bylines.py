"""Bylines: who wrote a text, without a label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartdaily_crawler.parsing.bylines import closing, is_person, opening, read


@pytest.mark.parametrize(
    ("text", "outlet", "names"),
    [
        # a role before the names
        ("北辰报记者 许知夏", "北辰报", "许知夏"),
        ("北辰晚报记者成长", "北辰晚报", "成长"),
        ("北辰社记者许知夏、谢砚、林一", "北辰社", "许知夏、谢砚、林一"),
        ("北辰报·北辰网记者 许知夏", "北辰报·北辰网", "许知夏"),
        ("北辰网临江频道  记者  许砚  谢知秋", "北辰网临江频道", "许砚  谢知秋"),
        ("总台记者 许知夏 谢砚", None, "许知夏 谢砚"),
        ("本报记者 许知夏", None, "许知夏"),
        ("整合 北辰日报·临江点记者 许知夏", None, "许知夏"),
        ("北辰特约评论员 许知夏", None, "许知夏"),
        ("通讯员 许知夏 谢砚", None, "许知夏 谢砚"),
        ("记者 许知夏 通讯员 谢砚 林一", None, "许知夏"),
        ("记者 方  敏", None, "方  敏"),
        ("北辰时报驻临江特约记者 许知夏 北辰时报记者 谢砚", "北辰时报驻临江", "许知夏、谢砚"),
        ("北辰社记者许知夏 北辰网记者林一", "北辰社", "许知夏、林一"),
        ("记者 阿依古丽·买买提", None, "阿依古丽·买买提"),
        # and where they report from
        ("北辰报记者 许知夏 山东冠县报道", "北辰报", "许知夏"),
        ("本报记者许知夏发自北京", None, "许知夏"),
        ("本报记者 许知夏 谢砚 发自 北京", None, "许知夏 谢砚"),
        ("许知夏 上海报道", None, "许知夏"),
        ("记者 许知夏 文/摄", None, "许知夏"),
        ("许知夏/文", None, "许知夏"),
        ("言知夏 发自 临江", None, "言知夏"),
        ("■本报记者 许知夏 实习生 林一", None, "许知夏"),
        # as sites of Taiwan and Hong Kong print them
        ("記者許知夏／台北報導", None, "許知夏"),
        ("〔記者許知夏／綜合報導〕", None, "許知夏"),
        ("北辰社記者許知夏台北5日電", "北辰社", "許知夏"),
        ("【北辰晚報╱記者許知夏╱即時報導】", "北辰晚報", "許知夏"),
        ("北辰報 記者許知夏／即時報導", "北辰報", "許知夏"),
        ("許知夏／綜合外電報導", None, "許知夏"),
        ("許知夏 謝硯 綜合報導 / 新竹縣", None, "許知夏 謝硯"),
        ("駐華盛頓特派員許知夏／3日電", None, "許知夏"),
    ],
)
def test_a_line_that_is_a_byline(text: str, outlet: str | None, names: str) -> None:
    assert read(text) == (outlet, names)


@pytest.mark.parametrize(
    "text",
    [
        "记者手记", "记者观察", "采访手记", "作者简介", "本报记者", "本报讯", "北辰社", "记者走访三家门店", "记者从市政府获悉",
        "记者：好的", "圖／北辰社", "资料照", "北辰报 上海报道", "编辑部", "路透北京5月1日電", "记者了解到，新机已经开卖。",
        "北辰社记者 许知夏摄", "记者 许知夏 摄影",
    ],
)  # fmt: skip
def test_a_line_that_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("paragraph", "names"),
    [
        ("北辰社杭州3月6日电（记者 许知夏、谢砚）新机亮相。", "许知夏、谢砚"),
        ("北辰社杭州3月6日电（许知夏 谢砚）新机亮相。", "许知夏 谢砚"),
        ("据北辰社杭州电（记者 格桑边觉）新机亮相。", "格桑边觉"),
        ("北辰网3月6日电 (记者 许知夏)新机亮相。", "许知夏"),
        ("本报讯（记者 许知夏 通讯员 谢砚）新机亮相。", "许知夏"),
        ("许知夏/文 新机亮相。", "许知夏"),
        ("〔記者許知夏／台北報導〕新機亮相。", "許知夏"),
        ("【記者許知夏台北報導】新機亮相。", "許知夏"),
        ("（北辰社記者許知夏台北6日電）新機亮相。", "許知夏"),
        ("【北辰時報2026年03月06日訊】（北辰時報記者許知夏報導）新機亮相。", "許知夏"),
        ("（北辰社）新机亮相。", None),
        ("（许知夏）新机亮相。", None),
        ("〔本報訊〕新機亮相。", None),
        ("今天（3月6日）下午，新机亮相。", None),
        ("这款新机（记者注：尚未发布）将亮相。", None),
    ],
)
def test_a_byline_that_opens_a_text(paragraph: str, names: str | None) -> None:
    assert opening(paragraph) == names


@pytest.mark.parametrize(
    ("paragraph", "names"),
    [
        ("新机亮相。（记者 许知夏）", "许知夏"),
        ("新机亮相。（总台记者 许知夏 谢砚）", "许知夏 谢砚"),
        ("新机亮相。(北辰报记者 许知夏)", "许知夏"),
        ("新机亮相。（北辰晚报记者成长）", "成长"),
        ("新机亮相。（许知夏 上海报道）", "许知夏"),
        ("新机亮相。（许知夏）", "许知夏"),
        ("新机亮相。（记者 许知夏）（完）", "许知夏"),
        ("新机亮相（记者许知夏、谢砚）。", "许知夏、谢砚"),
        ("（羅森）", "羅森"),
        ("新机亮相。（常知秋 马砚 ）", "常知秋 马砚"),
        ("（許知夏／綜合外電報導）", "許知夏"),
        ("新机亮相。（完）", None),
        ("新机亮相。（本报综合）", None),
        ("新机亮相。（图片由许知夏提供）", None),
        ("新机亮相。（作者系北辰大学教授）", None),
        ("新机亮相。（来源：北辰社）", None),
        ("新机（记者 许知夏）亮相。", None),
    ],
)
def test_a_byline_that_closes_a_text(paragraph: str, names: str | None) -> None:
    assert closing(paragraph) == names


def test_a_bare_name_inside_the_text_is_no_byline() -> None:
    assert closing("新机亮相。（许知夏）", needs_role=True) is None
    assert closing("新机亮相。（记者 许知夏）", needs_role=True) == "许知夏"


@pytest.mark.parametrize("name", ["张巨峰", "張巨峰", "欧阳知夏", "范姜知夏", "許砚"])
def test_names_of_both_scripts(name: str) -> None:
    assert is_person(name)


BYLINEISH = st.text(
    "（）()【】〔〕 \u3000／/╱、，。记者記许知夏谢砚北辰报報社电電讯台北上海报道報導发自文完6日", max_size=60
)


@given(st.one_of(BYLINEISH, st.text()))
def test_never_an_error(text: str) -> None:
    for names in (opening(text), closing(text), *(read(text) or ())):
        assert names is None or names.strip()
