"""Canonical URLs: the one form that the request filter, identities and storage use."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes, urlsplit, urlunsplit

if TYPE_CHECKING:
    from tldextract import ExtractResult

DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters that track visitors and do not change the page.
TRACKING_PARAMETERS = frozenset({
    "gclid", "gclsrc", "dclid", "fbclid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "mc_cid",
    "mc_eid", "_ga", "_gl", "_openstat", "wickedid", "spm", "spm_id_from", "scm", "bd_vid", "qhclickid",
    "share_token", "share_source", "share_medium", "share_plat", "share_tag", "share_from", "sharefrom",
    "share_uid", "shareuid", "isappinstalled", "from_source", "from_spmid", "seid", "vd_source", "hmsr",
    "hmpl", "hmcu", "hmkw", "hmci", "tt_from", "weibo_id", "wxshare_count", "wxfrom", "scene_from",
    "nsukey", "pf_rd_r", "ref_src", "ref_url", "cmpid", "wt_mc", "utm_referrer", "trk", "trkinfo",
    "sudaref", "_zbs_baidu_bk", "baidu_bk",
})  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "at_campaign", "at_medium", "pk_campaign", "pk_source", "pk_medium", "mtm_", "hsa_")
_SHARED_BY = frozenset({"from", "share"})
_SHARING = frozenset({
    "timeline", "singlemessage", "groupmessage", "favorites", "weixin", "wechat", "wx", "qq", "qzone",
    "weibo", "sina_weibo", "share", "app_share", "sharetimeline", "pc_share", "mobile_share",
})  # fmt: skip
# Parameters that may also select content: `?channel=qq` is a section. Only values that occur in sharing alone are dropped.
_SHOWN_BY = frozenset({"source", "src", "channel"})
_SHARING_ALONE = frozenset({
    "timeline", "singlemessage", "groupmessage", "share", "app_share", "sharetimeline", "pc_share", "mobile_share",
})  # fmt: skip
_SESSION_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sid|sessionid)=[^/;]*|(?<=/)\((?:[A-Z]\([^()/]*\))+\)/", re.IGNORECASE
)
"""Session ids that Java and ASP.NET servers write into paths of clients without cookies."""
_SESSION_PARAMETERS = frozenset(
    {"jsessionid", "phpsessid", "sessionid", "session_id", "sid", "oscsid", "zenid", "cfid", "cftoken"}
)
_SESSION_ID = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Za-z_.!~-]{16,}")
"""Long and with a digit: ``sid=7`` is a section, ``sid=4f1c…`` a visitor."""
_ORIGIN = re.compile(r"https?://(?:www\.)?")
_TOKEN = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[0-9A-Za-z_~!-]{16,}|1[0-9]{9}(?:[0-9]{3})?")
"""What a server may write anew into each link: random letters and digits, or seconds or milliseconds since 1970."""
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH = _SAFE | frozenset(b"!$&'()*+,;=:@/")
_QUERY = _PATH | frozenset(b"?[]|")
_PLAIN = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]*")
# The fast path of most URLs: canonical already, without port, query, escapes and dot segments.
_CANONICAL = re.compile(r"https?://[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?<!-)(?:/(?!\.\.?(?:/|$))[A-Za-z0-9\-._~]*)+")
# File names that a server uses for a directory.
_INDEX = re.compile(r"(?<=/)(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}")


@lru_cache(maxsize=16_384)  # the pages of a site link to the same articles
def canonicalize(url: str) -> str:
    """Return the canonical form of a URL. Raise ``ValueError`` if it is not http(s) or has no valid host.

    The order of parameters is kept: some sites read a query as one string.

    >>> canonicalize("HTTP://News.Example.com:80/a/./b/../1.html?id=7&utm_source=x#top")
    'http://news.example.com/a/1.html?id=7'
    >>> canonicalize("https://example.com/a.do;jsessionid=8F0E7A?sid=7&PHPSESSID=4f1c9a8be27d10ac55")
    'https://example.com/a.do?sid=7'
    >>> canonicalize("https://example.com/新闻?q=%e4%b8%ad")
    'https://example.com/%E6%96%B0%E9%97%BB?q=%E4%B8%AD'
    """
    if _CANONICAL.fullmatch(url):
        return url
    parts = urlsplit(re.sub(r"[\t\r\n]", "", url).strip("\x00 \u3000\xa0"))
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise ValueError(f"not an http address: {url!r}")
    host = _host(parts.hostname or "")
    port = parts.port
    netloc = host if port in {None, DEFAULT_PORTS[scheme]} else f"{host}:{port}"
    path = _without_dots(_encode(_SESSION_PATH.sub("", parts.path), _PATH)) or "/"
    return urlunsplit((scheme, netloc, path, _query(parts.query), ""))


def canonical_or_none(url: str | None) -> str | None:
    """Return the canonical form of a URL; ``None`` where there is none."""
    try:
        return canonicalize(url) if url else None
    except ValueError:
        return None


def page_name(url: str) -> str:
    """Return what the canonical URLs of one page share: without scheme, ``www.``, index file and final slash.

    A site that moves to https or to ``www.``, or appends slashes, keeps its pages. The URL itself is stored as it was linked,
    because a server may answer one form and not the other.

    >>> page_name("http://example.com/a/index.html"), page_name("https://www.example.com/a"), page_name("http://m.example.com/")
    ('example.com/a', 'example.com/a', 'm.example.com')
    >>> page_name("http://example.com/index.php?id=7"), page_name("http://example.com/a/?id=7")
    ('example.com/index.php?id=7', 'example.com/a?id=7')
    """
    path, mark, query = _INDEX.sub("", _ORIGIN.sub("", url)).partition("?")
    return path.rstrip("/") + mark + query


def kind_of_move(old: str, new: str) -> str:
    """Return in which parts two canonical URLs of one article differ: scheme, host, slash or path.

    >>> kind_of_move("http://example.com/a", "https://www.example.com/a/")
    'scheme, host, slash'
    >>> kind_of_move("http://example.com/a?id=7", "http://example.com/a/7.html")
    'path'
    """
    (before, path), (after, new_path) = ((parts, parts.path.rstrip("/")) for parts in (urlsplit(old), urlsplit(new)))
    differs = {
        "scheme": before.scheme != after.scheme,
        "host": before.netloc != after.netloc,
        "slash": path == new_path and before.path != after.path,
        "path": (path, before.query) != (new_path, after.query),
    }
    return ", ".join(part for part, is_other in differs.items() if is_other)


def without_tokens(url: str) -> str:
    """Return a page's name without the parts that may be random: session ids, signatures, times.

    Equal names do not prove one page: articles may be named by random tokens too.

    >>> without_tokens("http://example.com/s-4f1c9a8be27d10ac/news/7.html?v=1763604300&id=7")
    'example.com/*/news/7.html?id=7'
    """
    path, mark, query = page_name(url).partition("?")
    pairs = [pair for pair in query.split("&") if not _TOKEN.fullmatch(pair.partition("=")[2])]
    return re.sub(_TOKEN, "*", path) + mark * bool(pairs) + "&".join(pairs)


def _host(hostname: str) -> str:
    """Return the host in lower case, IDNA-encoded. Raise ``ValueError`` if it is invalid.

    >>> _host("WWW.Example.com."), _host("新闻.cn"), _host("::1")
    ('www.example.com', 'xn--efvy88h.cn', '[::1]')
    """
    host = hostname.rstrip(".").lower()
    if ":" in host:
        return f"[{ipaddress.ip_address(host.partition('%')[0]).compressed}]"
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if not re.fullmatch(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", host) or ".." in host:
        raise ValueError(f"no host: {hostname!r}")
    return host


def _encode(text: str, allowed: frozenset[int]) -> str:
    """Return the text with allowed bytes unescaped and all others as ``%XX``.

    >>> _encode("/%7euser/%2f a", _PATH)
    '/~user/%2F%20a'
    """
    if _PLAIN.fullmatch(text):
        return text
    raw = text.encode("utf-8", "replace")
    encoded = bytearray()
    position = 0
    while position < len(raw):
        byte = raw[position]
        if byte == 0x25 and _ESCAPE.match(raw, position):  # noqa: PLR2004
            byte = int(raw[position + 1 : position + 3], 16)
            encoded += bytes([byte]) if byte in _SAFE else b"%%%02X" % byte
            position += 3
        else:
            encoded += bytes([byte]) if byte in allowed else b"%%%02X" % byte
            position += 1
    return encoded.decode("ascii")


def _without_dots(path: str) -> str:
    """Return the path without dot segments.

    >>> _without_dots("/a/./b/../c"), _without_dots("/../x"), _without_dots("/a/..")
    ('/a/c', '/x', '/')
    """
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair and not _is_tracking(*pair.partition("=")[::2])]
    return _encode("&".join(pairs), _QUERY)


def _is_tracking(parameter: str, value: str) -> bool:
    """Return whether a parameter tracks visitors. ``from`` and similar names do so only with values of sharing tools.

    >>> _is_tracking("from", "timeline"), _is_tracking("from", "archive"), _is_tracking("UTM_source", "")
    (True, False, True)
    >>> _is_tracking("from", "%77eixin"), _is_tracking("channel", "qq"), _is_tracking("channel", "timeline")
    (True, False, True)
    """
    key = unquote_to_bytes(parameter).decode("utf-8", "replace").lower()
    if key in _SHARED_BY:
        return unquote(value).lower() in _SHARING
    if key in _SESSION_PARAMETERS or key.startswith("aspsessionid"):
        return _SESSION_ID.fullmatch(value) is not None
    if key in _SHOWN_BY:
        return unquote(value).lower() in _SHARING_ALONE
    return key in TRACKING_PARAMETERS or key.startswith(_TRACKING_PREFIXES)


def is_private_host(host: str) -> bool:
    """Return whether a host is local or an IP address, in any notation, that is not globally routed.

    >>> [is_private_host(host) for host in ("localhost", "2130706433", "0x7f.1", "[::1]", "10.0.0.8", "example.com")]
    [True, True, True, True, True, False]
    """
    host = unicodedata.normalize("NFKC", host).strip("[]").partition("%")[0].rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".localdomain")):
        return True
    address = _ipv6(host) if ":" in host else _ipv4(host)
    return address is not None and (not address.is_global or address.is_multicast)


_EMBEDDING = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))
"""Networks whose last four bytes are an IPv4 address: the loopback address too, and translated ones (NAT64)."""


def _ipv6(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return None
    embedded = any(address in network for network in _EMBEDDING)
    inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if embedded else None
    return inner or address.ipv4_mapped or address.sixtofour or address


_OCTETS = 4


def _ipv4(host: str) -> ipaddress.IPv4Address | None:
    """Parse as ``inet_aton``: one to four decimal, octal or hexadecimal numbers, the last for all remaining bytes.

    >>> _ipv4("0177.1"), _ipv4("1.2.3.example")
    (IPv4Address('127.0.0.1'), None)
    """
    parts = host.split(".")
    if len(parts) > _OCTETS or not all(re.fullmatch(r"0x[0-9a-f]{0,20}|\d{1,20}", part, re.ASCII) for part in parts):
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *head, last = numbers
    if any(number > 255 for number in head) or last >= 256 ** (5 - len(parts)):  # noqa: PLR2004
        return None
    return ipaddress.IPv4Address(sum(number << 8 * (3 - place) for place, number in enumerate(head)) + last)


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if text.startswith("0") and len(text) > 1 else int(text)


@cache
def _public_suffixes() -> Callable[[str], ExtractResult]:
    # Imported on first use: it takes as long as the start of a command. Uses the package's own list: no network.
    from tldextract import TLDExtract  # noqa: PLC0415

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=1024)
def registrable(host: str) -> str:
    """Return the part of a host that one owner registers, by the Public Suffix List; an IP address is returned whole.

    Under a suffix that is not on the list the last two labels are taken.

    >>> registrable("m.news.example.com"), registrable("www.example.com.cn"), registrable("127.0.0.1")
    ('example.com', 'example.com.cn', '127.0.0.1')
    >>> registrable("m.news.example"), registrable("alice.github.io"), registrable("www.gov.cn")
    ('news.example', 'alice.github.io', 'www.gov.cn')
    """
    labels = host.rstrip(".").lower().split(".")
    if labels[-1].isdigit() or ":" in host:
        return host
    return _public_suffixes()(host).top_domain_under_public_suffix or ".".join(labels[-2:])


def have_one_owner(host: str, other: str) -> bool:
    """Return whether two hosts have one registrable part. Reads the list of suffixes only where the hosts differ.

    >>> have_one_owner("m.example.com", "www.example.com"), have_one_owner("alice.github.io", "bob.github.io")
    (True, False)
    """
    return host == other or registrable(host) == registrable(other)
