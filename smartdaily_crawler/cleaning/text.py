"""Normalize text: single spaces, no characters that are invisible or that PostgreSQL cannot store."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Private-use characters come from GBK fillers (bytes A3A0 decode to U+E5E5) and icon fonts; both are replaced by a space.
_GAP = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd\\s]+")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
# A zero-width joiner is visible only between two emoji, which it combines.
_PICTURE = "[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]"
_STRAY_JOINER = re.compile(f"(?<!{_PICTURE})\u200d|\u200d(?!{_PICTURE})")

# Traditional characters of the words by which lines are told: labels, notices, headings of what follows an article.
_SIMPLIFIED = str.maketrans(
    "關閱讀聞鏈連結資訊報導薦熱門發評論網參與點標題轉載請註聲權歸製許經編輯責廣圖號級視頁讚觀為來記攝"
    "說則審總監譯設計獨複舉頻閉歡尋應貼條響聽數覽瀏擊時間佈後開團場專欄類別鍵詞簽籤語簡",
    "关阅读闻链连结资讯报导荐热门发评论网参与点标题转载请注声权归制许经编辑责广图号级视页赞观为来记摄"
    "说则审总监译设计独复举频闭欢寻应贴条响听数览浏击时间布后开团场专栏类别键词签签语简",
)


def simplified(text: str) -> str:
    """Return the text with the traditional characters of labels and notices as simplified ones, each in its place.

    >>> simplified("相關新聞"), simplified("責任編輯：許硯")
    ('相关新闻', '责任编辑：许硯')
    """
    return text if text.isascii() else text.translate(_SIMPLIFIED)


def clean(text: str) -> str | None:
    """Return the text with single spaces and without invisible characters, trimmed; ``None`` if nothing is left.

    >>> clean("\\u3000\\u3000天脉网\\u200b\\xa0 科技\\n")
    '天脉网 科技'
    >>> clean("\\ue5e5\\ue5e5") is None
    True
    """
    # The fast path of most texts; the combining grapheme joiner counts as printable.
    if text.isprintable() and "\u034f" not in text and "  " not in text:
        return text.strip() or None
    seen = _UNSEEN.sub("", text)
    if "\u200d" in seen:
        seen = _STRAY_JOINER.sub("", seen)
    return _GAP.sub(" ", seen).strip() or None


def paragraphs(texts: Iterable[str]) -> list[str]:
    """Return the cleaned texts in order, without empty ones.

    >>> paragraphs(["\\u3000\\u3000第一段。", "\\xa0", "第二段。"])
    ['第一段。', '第二段。']
    """
    return [cleaned for text in texts if (cleaned := clean(text))]
