from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartdaily_crawler.parsing.info_line import InfoLine, has_label, is_info_line, name, parse

FIELDS = {"published": None, "source": None, "author": None, "editor": None}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # glued, as adjacent inline elements leave it
        ("2026-03-06来源:天脉网编辑:瑞雪", {"published": "2026-03-06", "source": "天脉网", "editor": "瑞雪"}),
        ("2026-03-06 12:11来源：晨星财经作者：许砚", {"published": "2026-03-06 12:11", "source": "晨星财经", "author": "许砚"}),
        # separators
        ("2026-03-06\u3000来源: 北辰资讯", {"published": "2026-03-06", "source": "北辰资讯"}),
        ("2026-03-06\xa0\xa0北辰资讯", {"published": "2026-03-06", "source": "北辰资讯"}),
        ("来源 ：北辰资讯 | 编辑 ：许砚", {"source": "北辰资讯", "editor": "许砚"}),
        ("发布: 2026-3-6 13:18 | 来自: 互联网", {"published": "发布: 2026-3-6 13:18", "source": "互联网"}),
        ("来源丨北辰资讯 编辑丨许砚", {"source": "北辰资讯", "editor": "许砚"}),
        ("【来源：北辰资讯】【编辑：谢砚、叶知夏】", {"source": "北辰资讯", "editor": "谢砚、叶知夏"}),
        ("来源？北辰资讯 作者：许砚", {"author": "许砚"}),
        ("2026-03-06 08:30:00?出处：北辰 原创?作者：深海?责任编辑：xuyan?", {"published": "2026-03-06 08:30:00", "source": "北辰 原创", "author": "深海", "editor": "xuyan"}),
        # labels
        ("稿源：北辰资讯", {"source": "北辰资讯"}),
        ("信息来源：北辰资讯", {"source": "北辰资讯"}),
        ("来源于：北辰街道", {"source": "北辰街道"}),
        ("2026-03-06 10:22:14  出处：速科技 作者：程远  编辑：程远   人气：", {"published": "2026-03-06 10:22:14", "source": "速科技", "author": "程远", "editor": "程远"}),
        ("发表于2026-03-06 21:30|\n 1164次阅读|\n 来源CSX|\n 0 条评论|\n 作者许砚", {"published": "发表于2026-03-06 21:30", "source": "CSX", "author": "许砚"}),
        ("编辑|谢砚责编|叶知夏校对|林一来源|北辰发布、晨星晚报", {"source": "北辰发布、晨星晚报", "editor": "谢砚"}),
        ("文/许砚", {"author": "许砚"}),
        ("（责编：谢砚、叶知夏）", {"editor": "谢砚、叶知夏"}),
        ("[责任编辑：许砚 PK155]", {"editor": "许砚 PK155"}),
        ("责任编辑：许砚(QN054)", {"editor": "许砚(QN054)"}),
        ("责任编辑：许砚校对：林一", {"editor": "许砚"}),
        ("小编：棉花糖", {"editor": "棉花糖"}),
        # empty fields
        ("来源： 浏览次数：1", {}),
        ("来源:\n | 发布时间: 2026-03-06 | 浏览次数: 2168", {"published": "发布时间: 2026-03-06"}),
        ("来源：北辰资讯 时间：2026-03-06 14:34:05 作者：\n\n转载请注明", {"source": "北辰资讯", "published": "时间：2026-03-06 14:34:05"}),
        ("来源：\n  北辰资讯", {"source": "北辰资讯"}),
        # widgets
        ("2026-03-06 08:30:00 来源：北辰 编辑：许砚 背景： A- A A+", {"published": "2026-03-06 08:30:00", "source": "北辰", "editor": "许砚"}),
        ("编辑：许砚【纠错】人评论", {"editor": "许砚"}),
        ("2026-03-06 13:42 来源： 许远洲 我来投稿 我要评论", {"published": "2026-03-06 13:42", "source": "许远洲"}),
        ("2026年03月06日 17:03 编辑：许砚 出处：北辰电脑网 收藏评论", {"published": "2026年03月06日 17:03", "editor": "许砚", "source": "北辰电脑网"}),
        ("发布时间:2026年3月6日 16:10 | 进入星河论坛 | 来源：互联网 | 手机看新闻", {"published": "发布时间:2026年3月6日 16:10", "source": "互联网"}),
        # names that hold a label's or a widget's word
        ("来源：声学评论 编辑：许砚", {"source": "声学评论", "editor": "许砚"}),
        ("来源：晨星客户端", {"source": "晨星客户端"}),
        ("来源：编辑部", {"source": "编辑部"}),
        ("2026-03-06 来源：点击科技 打印", {"published": "2026-03-06", "source": "点击科技"}),
        ("来源：点击进入论坛", {}),
        ("来源：阅读全文", {}),
        ("文：张三", {"author": "张三"}),
        # names that hold a day's word
        ("来源：今日头条 2026-03-01 10:00", {"source": "今日头条", "published": "2026-03-01 10:00"}),
        ("2026-03-05 10:00 今日头条", {"source": "今日头条", "published": "2026-03-05 10:00"}),
        ("来源：今日俄罗斯", {"source": "今日俄罗斯"}),
        ("来源：目前日本", {"source": "目前日本"}),
        ("作者：周一鸣 2026-03-01 10:00", {"author": "周一鸣", "published": "2026-03-01 10:00"}),
        ("编辑：周三丰", {"editor": "周三丰"}),
        ("昨天来源：北辰", {"published": "昨天", "source": "北辰"}),
        ("2026-03-06 来源：澄海新闻·澄海号·政务", {"published": "2026-03-06", "source": "澄海新闻·澄海号·政务"}),
        # what has no label
        ("2026-03-06 11:10 游星空[整理]", {"published": "2026-03-06 11:10", "source": "游星空[整理]"}),
        ("原创 北辰都市报 2026-03-06 16:01:46", {"published": "2026-03-06 16:01:46", "source": "北辰都市报"}),
        ("/ 北辰财富网 / 2026-03-06 06:04", {"published": "2026-03-06 06:04", "source": "北辰财富网"}),
        ("北辰手机 【原创】 作者：许砚 2026-03-06 11:14", {"published": "2026-03-06 11:14", "source": "北辰手机", "author": "许砚"}),
        ("石佳/北辰青年报\n 2026-03-06 09:10", {"published": "2026-03-06 09:10", "source": "北辰青年报", "author": "石佳"}),
        ("北辰新闻记者 许知夏\n 2026-03-06 10:08 来源：北辰新闻", {"published": "2026-03-06 10:08", "source": "北辰新闻", "author": "许知夏"}),
        ("2026-03-06 20:35\n\n  叨叨\n  一把刀\n  小飞刀", {"published": "2026-03-06 20:35", "author": "叨叨 一把刀 小飞刀"}),
        ("金融市场\t棱角\t2026-03-06 07:48", {"published": "2026-03-06 07:48", "source": "棱角"}),
        ("许砚\n北辰大学研究院执行院长\n2026-03-06 来源：北辰网", {"published": "2026-03-06", "source": "北辰网", "author": "许砚"}),
        ("北辰视频\t2026-03-06 20:20\t播放 1.2万", {"published": "2026-03-06 20:20", "source": "北辰视频"}),
        ("账本背面\t2026-03-06 12:44\t山东\t财经领域创作者", {"published": "2026-03-06 12:44", "source": "账本背面"}),
        ("慢行手记\n2026-03-06 12:44\n约 4 分钟阅读\n大模型", {"published": "2026-03-06 12:44", "source": "慢行手记"}),
        ("发表于 2026-03-06 分类于 折腾 本文字数：1.2k", {"published": "发表于 2026-03-06"}),
        ("[ 北辰在线 原创 ] 作者：许砚 2026-03-06", {"published": "2026-03-06", "source": "北辰在线", "author": "许砚"}),
        ("北辰新闻网 · 教育 | 2026-03-06 06:40 | 编辑 许砚", {"published": "2026-03-06 06:40", "source": "北辰新闻网", "editor": "许砚"}),
        ("2026-03-06 14:30 北辰网 主持：许砚", {"published": "2026-03-06 14:30", "source": "北辰网"}),
        ("早风 · 2026-03-06 08:00\n守住承诺的日期，比参数更要紧。", {"published": "2026-03-06 08:00", "source": "早风"}),
        ("2026-03-06 09:05|发布者: 小城故事|查看: 12|原作者: 许砚|来自: 北辰晚报", {"published": "2026-03-06 09:05", "source": "北辰晚报", "author": "许砚"}),
        ("2026-03-06 09:05|作者: 许砚|发布者: 小城故事", {"published": "2026-03-06 09:05", "author": "许砚"}),
        # a line's end ends a field
        ("作者：许砚 责编：谢砚\n北辰财经 2026-03-06 20:14", {"published": "2026-03-06 20:14", "source": "北辰财经", "author": "许砚", "editor": "谢砚"}),
        ("编辑 | 谢砚", {"editor": "谢砚"}),
        ("消息来源：北辰资讯", {"source": "北辰资讯"}),
        ("采访：许砚", {"author": "许砚"}),
        ("2026-03-06 来源：北辰网 采访对象拒绝透露姓名", {"published": "2026-03-06", "source": "北辰网 采访对象拒绝透露姓名"}),
        # order
        ("http://news.example.com/ 2026年03月06日15：56 来源：北辰 作者:许砚", {"published": "2026年03月06日15：56", "source": "北辰", "author": "许砚"}),
        ("作者： 许砚 来源： 北辰网 日期： 2026-03-06", {"author": "许砚", "source": "北辰网", "published": "日期： 2026-03-06"}),
        ("阅读：1644", {}),
        ("转载请注明出处：智能日报", {}),
        # traditional characters
        ("發布時間：2026-03-06 08:30 來源：北辰報 記者：許知夏 責任編輯：謝硯", {"published": "發布時間：2026-03-06 08:30", "source": "北辰報", "author": "許知夏", "editor": "謝硯"}),
        ("發佈於 2026-03-06 08:30 出處：北辰電腦 核稿編輯：謝硯", {"published": "發佈於 2026-03-06 08:30", "source": "北辰電腦", "editor": "謝硯"}),
        ("2026-03-06 14:45 作者：許知夏 點閱：123 列印 轉寄 字級：大 中 小", {"published": "2026-03-06 14:45", "author": "許知夏"}),
        ("北辰電台-財經\n2026-03-06 08:21", {"published": "2026-03-06 08:21", "source": "北辰電台-財經"}),
        ("撰文：許知夏 攝影：謝硯\n出版：2026-03-06 12:00", {"published": "出版：2026-03-06 12:00", "author": "許知夏"}),
        # bylines among the fields
        ("2026-03-06 15:05\t北辰報 記者許知夏／即時報導", {"published": "2026-03-06 15:05", "source": "北辰報", "author": "許知夏"}),
        ("【北辰晚報╱記者許知夏╱即時報導】\n2026.03.06 01:06 pm", {"published": "2026.03.06 01:06 pm", "source": "北辰晚報", "author": "許知夏"}),
        ("北辰快訊／許知夏\t2026年03月06日 20:19", {"published": "2026年03月06日 20:19", "author": "許知夏"}),
        ("本报记者 王 琛 方  敏\n2026年03月06日06:58 | 来源：北辰网－北辰日报", {"published": "2026年03月06日06:58", "source": "北辰网－北辰日报", "author": "王琛 方敏"}),
        ("记者 许知夏 通讯员 谢砚\n2026-03-06", {"published": "2026-03-06", "author": "许知夏"}),
        ("2026-03-06 北辰网编辑 谢砚", {"published": "2026-03-06", "source": "北辰网", "editor": "谢砚"}),
        # more labels and separators
        ("来源︱北辰网 作者︱许知夏 编辑︱谢砚", {"source": "北辰网", "author": "许知夏", "editor": "谢砚"}),
        ("BUSINESS.EXAMPLE.COM\t2026年3月6日12:12\n来源：[\t北辰网\t]", {"published": "2026年3月6日12:12", "source": "北辰网"}),
        ("转自《北辰日报》 2026-03-06", {"published": "2026-03-06", "source": "《北辰日报》"}),
        ("执笔人：许知夏 2026-03-06", {"published": "2026-03-06", "author": "许知夏"}),
        ("执笔/许知夏&谢砚", {"author": "许知夏&谢砚"}),
        ("文/许知夏 图/北辰社", {"author": "许知夏"}),
        ("一审：许知夏 二审：谢砚 三审：林一", {}),
        ("图片来源：视觉北辰", {}),
        # places are no sources
        ("2026-03-06 08:30 来自福建省", {"published": "2026-03-06 08:30"}),
        ("在路上\n2026-03-06 18:03:35 来自内蒙古自治区", {"published": "2026-03-06 18:03:35", "source": "在路上"}),
        ("2026-03-06 08:30 发布于：北京", {"published": "2026-03-06 08:30"}),
        # a word without a label: by its form, or beside the date
        ("今年预计为纳税人减负18亿元\n发布日期：2026-03-06 08:52", {"published": "发布日期：2026-03-06 08:52"}),
        ("去远方\n发布时间：2026-03-06 08:52", {"published": "发布时间：2026-03-06 08:52", "source": "去远方"}),
        ("预設 最大字型 分享到 Facebook\n2026年3月6日13:47", {"published": "2026年3月6日13:47"}),
        ("2026-03-06 HKT 22:40", {"published": "2026-03-06 HKT 22:40"}),
        ("許知夏 發表於 2026-03-06 10:54 星期五", {"published": "發表於 2026-03-06 10:54 星期五", "author": "許知夏"}),
        ("慢行手记 于 2026-03-06 10:54 发布", {"published": "于 2026-03-06 10:54 发布", "author": "慢行手记"}),
        ("posted @ 2026-03-06 14:45 慢行手记 阅读(430) 评论(2)", {"published": "posted @ 2026-03-06 14:45", "author": "慢行手记"}),
        ("掌上临江\n发表于", {"source": "掌上临江"}),  # the date is filled in by a script
        ("A-许老师-临江学院\n于 2026-03-05 15:47:53 发布\n点赞数\n40", {"published": "于 2026-03-05 15:47:53 发布", "author": "A-许老师-临江学院"}),
        ("北辰网 发表于 2026-03-06 10:54", {"published": "发表于 2026-03-06 10:54", "source": "北辰网"}),
        ("上報／許知夏\n2026年03月06日 20:19\nSHARE\ngoogle\ntwitter", {"published": "2026年03月06日 20:19", "source": "上報", "author": "許知夏"}),
        ("文 | 慢行手记，作者｜许知夏，编辑｜谢砚", {"source": "慢行手记", "author": "许知夏", "editor": "谢砚"}),
        ("文\t言知夏\n2026-03-06", {"published": "2026-03-06", "author": "言知夏"}),
        ("Author,\t言知夏\n2026年3月6日", {"published": "2026年3月6日", "author": "言知夏"}),
        ("撰文：\t许知夏\t谢砚\t高清\n2026-03-06", {"published": "2026-03-06", "author": "许知夏 谢砚"}),
        ("2026-03-06 · 3 分钟 · 许知夏", {"published": "2026-03-06", "author": "许知夏"}),
        ("文 | 许知夏 作者 | 谢砚", {"author": "许知夏"}),
        ("文 | 许知夏、林一 作者 | 谢砚", {"author": "许知夏、林一"}),
        *((f"2026-03-06 08:30 | 北辰早报 | {word}", {"published": "2026-03-06 08:30", "source": "北辰早报"}) for word in ("大中小", "新能源", "半导体", "机器人", "党建", "热搜", "速览", "手记", "图解")),
        ("2026-03-06 08:30 | 北辰早报 | 许知夏", {"published": "2026-03-06 08:30", "source": "北辰早报", "author": "许知夏"}),
        ("北辰早报 海外版\t2026-03-06", {"published": "2026-03-06", "source": "北辰早报 海外版"}),
        ("聯合早報／\t記者許知夏／台北報導\t2026-03-06", {"published": "2026-03-06", "source": "聯合早報", "author": "許知夏"}),
        ("posted on\t2026-03-06 14:45\t慢行手记\t阅读(\t20", {"published": "posted on\t2026-03-06 14:45", "author": "慢行手记"}),
        ("11级\t2026-03-06 14:45", {"published": "2026-03-06 14:45"}),
        ("文 | 许知夏 编辑 | 谢砚\n来源 | 北辰手记（ID：beichen）", {"author": "许知夏", "editor": "谢砚", "source": "北辰手记"}),
        ("本文作者：许知夏，原题：《新机》，头图来自：视觉北辰", {"author": "许知夏"}),
        ("北辰日报客户端记者 许知夏 见习记者 谢砚", {"source": "北辰日报客户端", "author": "许知夏"}),
        ("許知夏（記者） 2026-03-06", {"published": "2026-03-06", "author": "許知夏"}),
        ("發布 2026.03.06 12:00 | 更新 2026.03.06 13:00", {"published": "2026.03.06 12:00"}),
        ("2026年03月06日 来源：北辰日报 第A02版", {"published": "2026年03月06日", "source": "北辰日报"}),
        ("2026-03-06 08:30 首圖來源：視覺北辰", {"published": "2026-03-06 08:30"}),
        ("Source: Polaris Daily Author: Ann Lee Editor: Bo Wu", {"source": "Polaris Daily", "author": "Ann Lee", "editor": "Bo Wu"}),
        ("去远方 发布于 2026-03-06 08:30\n来自 临江社区", {"published": "发布于 2026-03-06 08:30", "author": "去远方"}),
        # which date
        ("最新推荐文章于 2026-03-06 22:12:13 发布\n慢行手记 于 2026-03-05 15:47:53 发布", {"published": "于 2026-03-05 15:47:53 发布", "author": "慢行手记"}),
        ("今日 14:20  2026-03-05 12:00 来源：北辰", {"published": "2026-03-05 12:00", "source": "北辰"}),
        ("2026/03/06 08:30\t更新時間：2026/03/06 09:10", {"published": "2026/03/06 08:30"}),
    ],
)  # fmt: skip
def test_parse(raw: str, expected: dict[str, str]) -> None:
    line = parse(raw)
    read = {field: getattr(line, field) and name(getattr(line, field)) for field in ("source", "author", "editor")}
    assert FIELDS | read | {"published": line.published} == FIELDS | expected


def test_a_verb_behind_a_date_tells_which_it_is() -> None:
    line = parse("已于 2026-03-08 10:02 修改\n于 2026-03-06 08:30 首次发布")
    assert (line.published, line.updated) == ("于 2026-03-06 08:30 首次发布", "已于 2026-03-08 10:02 修改")
    line = parse("2026-03-06 08:30 更新 来源：北辰报")
    assert (line.published, line.updated) == (None, "2026-03-06 08:30 更新")


def test_published_and_updated_are_told_apart() -> None:
    line = parse("2026-03-06 15:10:53\n字号：A-\nA\nA+\n来源：北辰\n\n最后更新: 2026-03-06 15:14:21")
    assert (line.published, line.updated) == ("2026-03-06 15:10:53", "最后更新: 2026-03-06 15:14:21")


def test_the_second_of_two_bare_dates_is_the_update() -> None:
    line = parse("2026-03-05 08:00 2026-03-06 09:00")
    assert (line.published, line.updated) == ("2026-03-05 08:00", "2026-03-06 09:00")


def test_raw_strings_keep_their_label() -> None:
    assert parse("2026-03-06 来源：北辰 责任编辑：许砚") == InfoLine(
        "2026-03-06", None, "来源：北辰", None, "责任编辑：许砚"
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("来源：北辰", "北辰"),
        ("作者：许知夏（北辰大学教授）", "许知夏"),
        ("撰文 : 许知夏 北辰报记者", "许知夏"),
        ("北辰網記者許知夏 台北", "許知夏"),
        ("来源:北辰 北京", "北辰"),
        ("来自北京", None),
        ("责任编辑： 许砚 TM001", "许砚 TM001"),
        ("（作者：许砚）", "许砚"),
        ("作者：", None),
        ("文：张三", "张三"),
        ("来源：来自星海", "来自星海"),
        ("编辑部", "编辑部"),
        ("许砚", "许砚"),
        ("文/北辰网专栏作者 许砚", "许砚"),
        ("作者：方远北京理工学院教授", "方远"),
        ("来源：\u3000\xa0", None),
        ("", None),
    ],
)
def test_name(raw: str, expected: str | None) -> None:
    assert name(raw) == expected


@pytest.mark.parametrize(
    "text", ["记者通过邮件联系了公司，截至发稿时未获回应。", "北辰日报刊文：改革的要求", "作者最新文章", "手机编辑软件"]
)
def test_running_text_has_no_label(text: str) -> None:
    assert not has_label(text)


def test_info_lines_are_told_from_bylines() -> None:
    assert is_info_line("2026-03-06 来源：北辰")
    assert not is_info_line("【文/许砚】")


LINEISH = st.text("来源编辑作者责任记文时间发布出处：:|丨【】（）[]()  \n\t\u3000/2026-03-06许砚北辰网A+", max_size=60)


@given(st.one_of(LINEISH, st.text()))
def test_never_an_error(raw: str) -> None:
    line = parse(raw)
    for value in line:
        assert value is None or value.strip()
    for value in (line.source, line.author, line.editor):
        assert value is None or name(value)
