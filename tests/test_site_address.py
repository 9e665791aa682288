from __future__ import annotations

import pytest

from smartdaily_crawler.sites.site_address import MAX_URL_LENGTH, SiteAddress


@pytest.mark.parametrize(
    ("home", "url", "rejection"),
    [
        ("https://www.news.example/", "https://www.news.example/a.html", None),
        ("https://www.news.example/", "http://news.example/a.html", None),
        ("https://www.news.example/", "https://m.news.example/a.html", None),
        ("https://www.news.example/", "https://news.example.evil.example/a.html", "offsite"),
        ("https://www.news.example/", "https://badnews.example/", "offsite"),
        ("https://www.news.example/", "https://www.news.example:8443/", "offsite"),
        ("https://www.news.example:8443/", "https://www.news.example:8443/a", None),
        ("https://www.news.example/", "http://127.0.0.1/", "private"),
        ("https://www.news.example/", "http://2130706433/", "private"),
        ("https://www.news.example/", "http://[::1]/", "private"),
        ("https://www.news.example/", "http://localhost:5432/", "private"),
        ("https://www.news.example/", "http://169.254.169.254/latest/meta-data/", "private"),
        ("https://www.news.example/", "file://www.news.example/etc/passwd", "scheme"),
        ("https://www.news.example/", "javascript:void(0)", "scheme"),
        ("https://www.news.example/", "https:///a.html", "malformed"),
        ("https://www.news.example/", "https://[www.news.example/", "malformed"),
        ("https://www.news.example/", "https://www.news.example:port/", "malformed"),
        ("https://www.news.example/", "https://user@www.news.example/a", None),
        ("https://www.news.example/", "https://www.news.example@evil.example/a", "offsite"),
        ("https://www.news.example/", "https://www.news.example/" + "a" * MAX_URL_LENGTH, "too_long"),
        ("https://新闻.cn/", "https://xn--efvy88h.cn/a", None),
        ("https://xn--efvy88h.cn/", "https://www.新闻.cn/a", None),
        ("https://www.gov.cn/", "https://www.mee.gov.cn/", "offsite"),
        ("https://m.cn/", "https://news.cn/", "offsite"),
        ("http://127.0.0.1:8765/", "http://127.0.0.1:8765/a", None),
        ("http://127.0.0.1:8765/", "http://127.0.0.1:5432/", "private"),
        ("http://127.0.0.1:8765/", "http://10.0.0.5/", "private"),
        ("http://127.0.0.1:8765/", "http://evil.127.0.0.1:8765/", "offsite"),
    ],
)
def test_rejection_reason(home: str, url: str, rejection: str | None) -> None:
    assert SiteAddress(home).rejection_reason(url) == rejection
