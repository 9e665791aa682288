"""Tell by its letters whether a text is in another language than its site."""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA, _HANGUL = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff]"), re.compile(r"[\uac00-\ud7a3]")
_ENOUGH = 60
"""Letters of a text from which it is judged: a caption or a name tells nothing."""
_SHARE = 0.1
"""Least share of Chinese characters among the letters of a Chinese text. A Latin word has five letters where a Chinese one has two
characters, so a text of which three quarters are quotes, names or code still has more; an English one that names Chinese people has
about 0.02."""
_KANA_SHARE = 0.2
"""Share of kana or hangul among the letters from which a text is Japanese or Korean, which has about half; Chinese texts quote names."""


def is_other(text: str, language: str) -> bool:
    """Return whether a text is evidently not in a language; ``False`` for a short text.

    Chinese is told from all other languages, and these from Chinese, but not from each other.

    :param language: tag such as ``zh-CN``.

    >>> english = "The makers of phones announced that prices would rise again soon, and that supply remained tight."
    >>> is_other(english, "zh-CN"), is_other(english, "en"), is_other("iPhone 17 Pro Max", "zh-CN")
    (True, False, False)
    >>> is_other("他在会上引用了原话：" + english, "zh-CN")
    False
    """
    letters = sum(map(str.isalpha, text))
    if letters < _ENOUGH:
        return False
    others = max(len(_KANA.findall(text)), len(_HANGUL.findall(text)))
    is_chinese = len(_HAN.findall(text)) >= _SHARE * letters and others < _KANA_SHARE * letters
    return is_chinese is not language.lower().startswith("zh")
