from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartdaily_crawler.cleaning.urls import canonicalize, is_private_host, registrable
from smartdaily_crawler.pages.pager import _PAGE_KEYS


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTP://EXAMPLE.com:80/A", "http://example.com/A"),
        ("https://example.com:443/a#b", "https://example.com/a"),
        ("https://example.com.:8443/a", "https://example.com:8443/a"),
        ("http://example.com/a/./b/../c/", "http://example.com/a/c/"),
        ("http://example.com/../../a", "http://example.com/a"),
        ("http://example.com/%7Ea/%2f%e4%b8%ad", "http://example.com/~a/%2F%E4%B8%AD"),
        ("http://example.com/新闻 1.html", "http://example.com/%E6%96%B0%E9%97%BB%201.html"),
        ("http://example.com/100%", "http://example.com/100%25"),
        ("http://example.com/a?", "http://example.com/a"),
        ("http://example.com/?b=2&a=1&&", "http://example.com/?b=2&a=1"),
        (
            "http://example.com/?id=7&page=2&p=3&utm_source=x&UTM_Medium=y&spm=1.2&from=timeline",
            "http://example.com/?id=7&page=2&p=3",
        ),
        ("http://example.com/?from=archive", "http://example.com/?from=archive"),
        ("http://example.com/?from=%77eixin&id=7", "http://example.com/?id=7"),
        ("http://example.com/?%66rom=WeiXin", "http://example.com/"),
        ("http://example.com/?channel=qq", "http://example.com/?channel=qq"),
        ("http://example.com/?source=weibo&src=qq", "http://example.com/?source=weibo&src=qq"),
        ("http://example.com/?channel=timeline&source=app_share&src=%73hare&id=7", "http://example.com/?id=7"),
        ("http://example.com/?a=1;b=2", "http://example.com/?a=1;b=2"),
        ("http://user:secret@example.com/", "http://example.com/"),
        (" http://exam\nple.com/a\t", "http://example.com/a"),
        ("http://新闻.cn/", "http://xn--efvy88h.cn/"),
        ("http://[::1]:80/", "http://[::1]/"),
    ],
)
def test_canonicalize(url: str, expected: str) -> None:
    assert canonicalize(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.html",
        "ftp://example.com/",
        "javascript:void(0)",
        "mailto:a@example.com",
        "file:///etc/passwd",
        "http://",
        "http:///a",
        "http://example.com:99999/",
        "http://[::1",
        "http://a..b/",
        "http://-/",
    ],
)
def test_what_has_no_canonical_form(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonicalize(url)


ADDRESSES = st.one_of(
    st.text().map("http://example.com/".__add__),
    st.text().map("http://".__add__),
    st.text("ab./%2F?&=#:@[]é中 \\;_utm+").map("https://example.cn/".__add__),
    st.builds(
        "https://example.cn/?{}={}".format,
        st.sampled_from(["from", "%66rom", "channel", "src", "%2566rom"]),
        st.sampled_from(["weixin", "%77eixin", "%2577eixin", "WX", "%71q", "tim%65line", "%"]),
    ),
)


@given(ADDRESSES)
def test_canonicalize_is_idempotent(url: str) -> None:
    try:
        once = canonicalize(url)
    except ValueError:
        return
    assert canonicalize(once) == once


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.1", "0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[::1]", "::1", "fe80::1%eth0", "fd12::1", "::ffff:10.0.0.1", "①27.0.0.1", "printer.local"],
)  # fmt: skip
def test_private_hosts(host: str) -> None:
    assert is_private_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "8.8.8.8",
        "172.32.0.1",
        "2606:4700::1111",
        "10.example.com",
        "0x.example.com",
        "1.2.3.4.5",
        "",
        "999999999999",
    ],
)
def test_public_hosts(host: str) -> None:
    assert not is_private_host(host)


@given(st.text())
def test_any_host_is_judged(host: str) -> None:
    assert is_private_host(host) in {True, False}


def test_registrable_is_shared_by_mobile_twins_and_channels() -> None:
    assert registrable("m.example.com") == registrable("tech.news.example.com") == "example.com"
    assert registrable("www.example.com.cn") == "example.com.cn"
    assert registrable("other.com.cn") != registrable("example.com.cn")


@pytest.mark.parametrize("key", sorted(_PAGE_KEYS))
def test_a_parameter_that_turns_pages_is_kept(key: str) -> None:
    """The request filter compares canonical URLs: without the parameter, page 2 would be page 1 again."""
    url = f"http://news.example/ai/?{key}=2"
    assert canonicalize(url) == url
