"""Skins not modelled on a particular site."""

from __future__ import annotations

from demo.skins.base import PagerTemplate, Skin


class Glued(Skin):
    """The parts of the info line have no separators; the teasers are inside the container of the body."""

    article_urls = ("/news/{born:%Y%m%d}/{number}.html", "/news/{born:%Y%m%d}/{number}_{part}.html")
    list_urls = ("/{slug}/", "/{slug}/?page={page}")
    nav = ("<li>{}</li>", '<li class="on">{}</li>')
    masthead = """<div class="top"><div class="lang">{languages}</div><a class="logo" href="/">{site}</a></div>
<ul class="menu">
{nav}
</ul>"""
    labels = ("<span>来源:{}</span>", "<span>作者:{}</span>", "<span>编辑:{}</span>")
    story = """<div class="show">
<h1>{title}</h1>
<div class="info">{when}{labels}</div>
<div class="tool">阅读 {views} <a href="javascript:;" onclick="share()">分享到微信</a></div>
<div class="content">
{blocks}
{parts}
<div class="like">
{teasers}
</div>
</div>
</div>
"""
    item = """<div class="item"><h3>{link}</h3>
<p>{summary}</p>
<span>{date}</span></div>"""
    entries = '<div class="list">\n{items}\n</div>'
    pager = PagerTemplate(whole='<div class="pages">{numbers} {following}</div>')


class Split(Skin):
    """Labels and values are separate elements; paragraphs are divs; 下一页 of the pager is a script."""

    canonical = True
    tracks_lists = True
    article_urls = ("/a/{born:%Y%m%d}/00{number}.shtml", "/a/{born:%Y%m%d}/00{number}_p{part}.shtml")
    list_urls = ("/channel/{slug}/", "/channel/{slug}/p{page}.html")
    nav = ("{}", "<strong>{}</strong>")
    masthead = """<header class="hd"><a href="/" class="brand">{site}</a>
<nav class="channels">{nav}</nav>
<div class="switch">{languages}</div></header>"""
    labels = (
        '\n<span class="k">来源：</span><span class="v">{}</span>',
        '\n<span class="k">作者：</span><span class="v">{}</span>',
        '\n<span class="k">编辑：</span><span class="v">{}</span>',
    )
    story = """<main class="detail">
<h1 class="headline">{title}</h1>
<div class="meta">
<span class="k">时间：</span><span class="v">{when}</span>{labels}
<span class="k">浏览：</span><span class="v">{views}</span>
</div>
<div class="rich-text">
{original_title}
{blocks}
<div class="more-tip">更多精彩内容，请关注{site}官方账号。</div>
</div>
{parts}
<div class="share">分享到： <a href="javascript:void(0)">微信</a> <a href="javascript:void(0)">微博</a></div>
</main>
<section class="recommend"><h2>相关推荐</h2>
{teaser_list}
</section>
"""
    paragraph = '<div class="para">{}</div>'
    subhead = "<h3>{}</h3>"
    picture = '<figure><img src="{src}" alt=""><figcaption>{text}</figcaption></figure>'
    thumb = '<img class="thumb" src="{src}" alt="">'
    item = """<div class="card">{thumb}
<div class="t">{link}</div>
<div class="s">{summary}</div>
<div class="d"><span>发布于</span><span>{date}</span></div>
</div>"""
    entries = '<div class="cards">\n{items}\n</div>'
    pager = PagerTemplate(
        whole='<div class="pagination">{numbers} {following}</div>',
        current="<em>{number}</em>",
        following=('<a href="javascript:void(0)" onclick="toPage({number})">下一页</a>', ""),
    )
