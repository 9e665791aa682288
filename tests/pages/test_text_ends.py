"""Notices to the reader at the ends of a text are none of it; sentences of the story that mention the same things are."""

from __future__ import annotations

import pytest

from tests.pages.pages import PARAGRAPHS, article, body, paragraphs, read

CLOSING = [
    "本文系北辰网独家稿件，文章内容纯属作者个人观点，不代表平台观点，未经授权，不得转载，否则将追究法律责任。关注北辰网微信beichen，每日阅读趣味文章。",
    "本文为北辰财经原创文章，转载请联系授权。",
    "本文来自微信公众号“慢行手记”（ID：manxing），作者：许知夏，编辑：谢砚，经授权发布。",
    "本文来自北辰网，原文链接：https://news.example.com/7.html",
    "本文仅代表作者个人观点，与北辰网无关。",
    "以上内容仅供参考，不构成投资建议。",
    "【如果您有新闻线索，欢迎向我们报料，一经采纳有费用酬谢。报料微信关注：beichen，报料QQ：10000】",
    "如您掌握新闻线索，请拨打本报热线。",
    "报料热线：0571-00000000",
    "歡迎追蹤《北辰報》官方帳號，掌握第一手消息！",
    "北辰中文網有Instagram！歡迎搜尋beichen.zh，看更多圖文與影音報導。",
    "下載《北辰》APP，隨時掌握最新新聞",
    "想看更多精彩内容，请关注微信公众号“北辰手记”。",
    "更多內容請關注北辰Facebook粉絲專頁",
    "扫描下方二维码，关注北辰视频号",
    "長按識別二維碼，關注我們",
    "公众号：北辰手记",
    "未经许可禁止转载",
    "未經授權，不得轉載。",
    "©著作权归作者所有",
    "版权归作者所有，侵删",
    "（图片来自网络，侵删）",
    "（图片来源于网络，如有侵权请联系删除）",
    "部分图片来自网络，如有侵权，请告知删除",
    "往期推荐",
    "▼往期回顾",
    "觉得不错，点个“在看”",
    "喜欢这篇文章，就点个“赞”吧",
    "分享、点赞、在看",
    "点击阅读原文",
]  # fmt: skip
OPENING = [
    "点击蓝字 关注我们",
    "點擊藍字關注我們",
    "▲点击上方“蓝字”关注",
    "感谢网友许砚的投递",
    "本文来自微信公众号：慢行手记，作者：许知夏",
    "感谢北辰网网友 瑞雪 的线索投递！",
    "请继续往下阅读...",
    "請繼續往下閱讀...",
    "全文共3200字，阅读大约需要8分钟",
]
STORY = [
    "公司表示，未经授权不得转载的条款已经写入新的合同，图片来自网络的做法也将停止。",
    "关注微信公众号的读者超过三成，年轻人更愿意下载客户端。",
    "下载手机APP之后，老人可以一键叫车，社区也派人上门讲解，目前已有三百户用上。",
    "版权归谁所有，双方至今没有说法，法院将在下月开庭。",
    "图片来自网络还是现场拍摄，编辑部的说法前后不一。",
    "她说：“欢迎大家关注我们的账号，来店里看看。”",
    "未经许可在河道采砂的三人昨日被拘留，设备已经查封。",
    "如果有新的线索，警方会在第一时间公布。",
    "本文来自一封读者的来信，写信的人曾是那家公众号的编辑，她说想把事情讲清楚。",
    "本文首发于2019年，授权协议在去年到期后，双方没有再续约。",
    "本文来自一个公众号的启发，作者在现场看到了三台样机。",
    "本文来自公众号“慢行手记”的启发，作者在现场看到了三台样机。",
    "本文来自作者：许知夏的新书，她在序言里写下了这段话。",
    "文章转自公众号“慢行手记”，作者：许知夏表示，三台样机已经运抵。",
    "往期的展览吸引了八万人，今年的门票已经售完。",
    "點擊率下降之後，平台把官方帳號的推薦位全部取消。",
]


@pytest.mark.parametrize("separator", ["\n", ""])
@pytest.mark.parametrize("notice", CLOSING)
def test_a_notice_behind_the_text_is_none_of_it(notice: str, separator: str) -> None:
    text = separator.join(f"<p>{each}</p>" for each in [*PARAGRAPHS, notice])
    assert body(read(article(body=f"<div>{text}</div>"))) == PARAGRAPHS


@pytest.mark.parametrize("notice", OPENING)
def test_a_notice_before_the_text_is_none_of_it(notice: str) -> None:
    assert body(read(article(body=f"<div>{paragraphs([notice, *PARAGRAPHS])}</div>"))) == PARAGRAPHS


def test_several_notices_behind_a_text_are_none_of_it() -> None:
    assert body(read(article(body=f"<div>{paragraphs([*PARAGRAPHS, *CLOSING[-6:]])}</div>"))) == PARAGRAPHS


@pytest.mark.parametrize("place", ["first", "between", "last"])
@pytest.mark.parametrize("sentence", STORY)
def test_a_sentence_of_the_story_stays(sentence: str, place: str) -> None:
    texts = {
        "first": [sentence, *PARAGRAPHS],
        "between": [PARAGRAPHS[0], sentence, *PARAGRAPHS[1:]],
        "last": [*PARAGRAPHS, sentence],
    }[place]
    assert body(read(article(body=f"<div>{paragraphs(texts)}</div>"))) == texts


@pytest.mark.parametrize("notice", ["歡迎追蹤《北辰報》官方帳號，掌握第一手消息！", "公众号：北辰手记", "往期推荐"])
def test_a_notice_alone_is_not_cut_down_to_nothing(notice: str) -> None:
    told = PARAGRAPHS[0]
    assert body(read(article(body=f"<div>{paragraphs([told, notice])}</div>"))) == [told]


CAPTIONS = [
    "港口夜釣人潮。　圖：翻攝自網路",
    "改造后的旧码头。许砚摄",
    "▲新机的三种配色",
    "发布会现场（资料图）",
    "旧码头夜景。图片来源：北辰社",
]


@pytest.mark.parametrize("caption", CAPTIONS)
@pytest.mark.parametrize("separator", ["", "\n"])
def test_a_caption_above_the_text_belongs_to_it(caption: str, separator: str) -> None:
    picture = f"<div><img src=/7.jpg>{separator}<p>{caption}</p></div>{separator}"
    html = article(body=f"<div class=text>{picture}<div><div>{paragraphs()}</div></div></div>")
    assert body(read(html)) == [" ".join(caption.split()), *PARAGRAPHS]
