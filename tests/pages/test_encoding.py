from __future__ import annotations

import codecs

import pytest

from smartdaily_crawler.markup.encoding import decode, rubbish

TEXT = "<html><head><title>智能手机发布会今日举行</title></head><body><p>红岸谷领衔，探寻市场。朱镕基、喆</p></body></html>"
GBK = TEXT.encode("gb18030")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), None),
        (TEXT.encode(), "text/html; charset=gbk"),
        (b'<meta charset="gb2312">' + TEXT.encode(), "text/html"),
        (codecs.BOM_UTF8 + TEXT.encode(), None),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), None),
        (f"<html>{TEXT}".encode("utf-16-le"), "text/html; charset=utf-16"),
        (f"<html>{TEXT}".encode("utf-16-be"), None),
        (GBK, None),
        (GBK, "text/html; charset=gb2312"),
        (GBK, "text/html; charset=ISO-8859-1"),
        (GBK, "text/html; charset=utf-8"),
        (GBK, "text/html; charset=hex"),
        (GBK, "text/html; charset=no-such"),
        (b"<meta http-equiv='Content-Type' content='text/html; charset=gb2312'>" + GBK, None),
        (b'<?xml version="1.0" encoding="gbk"?>' + GBK, None),
        (b" " * 3000 + b"<meta charset=gb2312>" + GBK, None),
        (b'<script src="/a.js" charset="utf-8"></script><meta charset=gb2312>' + GBK, None),
        (b'<script src="/a.js" charset="big5"></script>' + GBK, None),
        (GBK, "text/html;charset='GBK'"),
        (b"<meta charset=big5>" + GBK, None),
        (GBK, "text/html; charset=big5"),
        (b" " * 200_000 + b"<meta charset=gb2312>" + GBK, None),
    ],
)
def test_the_chinese_survives(body: bytes, content_type: str | None) -> None:
    assert TEXT in decode(body, content_type)


def test_undeclared_utf8_with_one_bad_byte() -> None:
    assert "红\ufffd谷领衔" in decode(TEXT.encode().replace("岸".encode(), b"\xe5"), "text/html")
    assert decode("短题".encode() + b"\xff" + "智能手机".encode(), None) == "短题\ufffd智能手机"


def test_a_cut_double_byte_costs_one_character() -> None:
    assert decode(b"<meta charset=gb2312><p>" + "智能手机".encode("gbk") + b"\xd6</p>", None).endswith(
        "智能手机\ufffd</p>"
    )


def test_a_short_undeclared_gbk_title() -> None:
    assert decode("<title>智能</title>".encode("gbk"), None) == "<title>智能</title>"


def test_gbk_that_is_valid_utf8_by_chance() -> None:
    assert decode(b"<meta charset=gbk>" + "通".encode("gbk"), None).endswith("通")


def test_private_use_fillers_do_not_break_a_page() -> None:
    assert decode(b"\xa3\xa0\xa3\xa0" + GBK, "text/html; charset=gb2312").endswith(TEXT)


def test_traditional_chinese_as_declared() -> None:
    text = "<title>智慧型手機發表會</title>"
    assert decode(text.encode("big5"), "text/html; charset=big5") == text


BIG5 = "<title>智慧型手機發表會</title><p>三月六日上午，星河手機在杭州舉行發表會，帶來了新的旗艦，起售價為三千九百九十九元。</p>"


@pytest.mark.parametrize("content_type", [None, "text/html; charset=gb2312", "text/html; charset=big5"])
def test_traditional_chinese_by_what_it_reads_as(content_type: str | None) -> None:
    assert decode(BIG5.encode("big5"), content_type) == BIG5


def test_a_long_page_with_one_broken_byte_in_utf8_is_read() -> None:
    body = (TEXT * 40).encode() + b"\xe6\xff" + TEXT.encode()
    for content_type in (None, "text/html", "text/html; charset=gb2312"):
        assert decode(body, content_type).count("智能手机发布会") == 41


def test_a_cut_double_byte_in_the_middle_costs_what_stands_beside_it() -> None:
    body = TEXT.encode("gbk") + "<p>智能手</p>".encode("gbk")[:-5] + b"</p>" + TEXT.encode("gbk")
    assert decode(body, "text/html; charset=gbk").count("智能手机发布会") == 2


def test_empty() -> None:
    assert decode(b"", None) == ""
    assert decode(b"plain", None) == "plain"


def test_rubbish() -> None:
    assert rubbish(TEXT) == 0
    assert rubbish("") == 0
    assert rubbish(TEXT.encode().decode("latin-1")) > 0.1
    assert rubbish("锟斤拷" * 5) == 1
