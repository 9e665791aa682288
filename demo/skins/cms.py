"""Skins modelled on content management systems that Chinese news sites use."""

from __future__ import annotations

from datetime import date, timedelta

from demo.skins.base import NEXT, PREVIOUS, PagerTemplate, Skin, link
from demo.views import ArticlePage, Frame

CALENDAR_DAYS = 28


class Dedecms(Skin):
    """The title is an h2; the editor is in brackets inside the cell of the body, followed by 上一篇 and 下一篇."""

    article_urls = ("/{category}/{born:%Y/%m%d}/{number}.html", "/{category}/{born:%Y/%m%d}/{number}_{part}.html")
    list_urls = ("/{slug}/", "/{slug}/list_{category_id}_{page}.html")
    first_category = 21
    nav = ("<li>{}</li>", '<li class="hover">{}</li>')
    masthead = """<div class="header"><div class="title"><h1><a href="/">{site}</a></h1></div>
<div class="top-lang">{languages}</div></div>
<div id="navMenu"><ul><li><a href="/"><span>主页</span></a></li>
{nav}
</ul></div>"""
    labels = ("<small>来源:</small>{}", "<small>作者:</small>{}", "")
    signature = '<div class="dede_pages_editor">(责任编辑：{})</div>'
    story = """<div class="viewbox">
<div class="title"><h2>{title}</h2></div>
<div class="info"><small>时间:</small>{when}{labels}<small>点击:</small><script src="/static/count.js"></script>{views}次</div>
<div class="content"><table width="100%"><tr><td>
{blocks}
{signature}
</td></tr></table></div>
{parts}
<div class="context"><ul>{neighbours}</ul></div>
</div>
<dl class="tbox"><dt><strong>相关文章</strong></dt>
{teasers}
</dl>
"""
    subhead = '<p style="font-weight:bold">{}</p>'
    teaser = """<dd><a href="{href}" class="tit">{title}</a><p>{summary}</p>
<span>日期：{date}</span></dd>"""
    item = """<li><a href="{href}" class="title">{title}</a>
<span class="info"><small>日期：</small>{date}<small>点击：</small>{popularity}</span>
<p class="intro">{summary}</p></li>"""
    entries = '<ul class="e2">\n{items}\n</ul>'
    pager = PagerTemplate(
        whole="""<div class="dede_pages"><ul class="pagelist"><li>{previous}</li>{numbers}{following}
<li><span class="pageinfo">共 <strong>{count}</strong>页</span></li></ul></div>""",
        current='<li class="thisclass">{number}</li>',
        other='<li><a href="{href}">{number}</a></li>',
        separator="",
        previous=('<a href="{first}">首页</a>', "首页"),
        following=('<li><a href="{href}">下一页</a></li><li><a href="{last}">末页</a></li>', ""),
    )
    parts = PagerTemplate(
        whole="""<div class="dede_pages"><ul class="pagelist"><li><a>共{count}页: </a></li>
<li>{previous}</li>{numbers}
<li>{following}</li></ul></div>""",
        current='<li class="thisclass"><a href="#">{number}</a></li>',
        other='<li><a href="{href}">{number}</a></li>',
        separator="",
        previous=(PREVIOUS, '<a href="#">上一页</a>'),
        following=(NEXT, '<a href="#">下一页</a>'),
    )

    def story_values(self, page: ArticlePage) -> dict[str, object]:
        neighbours = zip(("上一篇", "下一篇"), page.neighbours, strict=False)
        items = (f"<li>{label}：{link(entry.href, entry.story.title)}</li>" for label, entry in neighbours)
        return super().story_values(page) | {"neighbours": "\n".join(items)}


class Empirecms(Skin):
    """Table cells; the body is one text with line breaks; the info line has non-breaking spaces."""

    article_urls = ("/{category}/{born:%Y-%m-%d}/{number}.html", "/{category}/{born:%Y-%m-%d}/{number}_{part}.html")
    list_urls = ("/{slug}/", "/{slug}/index_{page}.html")
    nav = ("<td>{}</td>", '<td class="nav_on">{}</td>')
    masthead = """<table width="980" class="top"><tr><td><a href="/">{site}</a></td><td>{languages}</td></tr></table>
<table width="980" class="nav"><tr><td><a href="/">首页</a></td>
{nav}
</tr></table>"""
    layout = """<table width="980"><tr valign="top"><td class="main">
{main}</td><td class="sider">
{side}</td></tr></table>"""
    labels = ("&nbsp;&nbsp;来源：{}", "&nbsp;&nbsp;作者：{}", "&nbsp;&nbsp;编辑：{}")
    story = """<table class="content"><tr><td class="title"><h1>{title}</h1></td></tr>
<tr><td class="info_text">时间:{when}{labels}&nbsp;&nbsp;点击：<span>{views}</span></td></tr>
<tr><td id="text">　　{blocks}
<div align="center" class="pageLink">{parts}</div></td></tr></table>
<table class="box"><tr><td class="tt">推荐阅读</td></tr>
{teasers}
</table>
"""
    paragraph = "{}"
    subhead = "<strong>{}</strong>"
    picture = '<center><img src="{src}"></center>{caption}'
    caption = "<center><small>{}</small></center>"
    block_separator = "<br><br>\n　　"
    item = """<tr><td>{link}<br>
<font color="#666">{summary}</font><br>
<small>{date}</small></td></tr>"""
    entries = '<table class="box list">\n{items}\n</table>'
    pager = PagerTemplate(
        whole='<div class="list_page"><span>总数 {count} 页</span> {previous}{numbers}&nbsp;{following}</div>',
        current="<b>{number}</b>",
        separator="&nbsp;",
        previous=('<a href="{first}">首页</a>&nbsp;', ""),
        following=(NEXT + '&nbsp;<a href="{last}">尾页</a>', "下一页&nbsp;尾页"),
    )


class Phpcms(Skin):
    """The info line is inside the h1, and 下一页 on the last page links to that page itself."""

    article_urls = (
        "/index.php?m=content&c=index&a=show&catid={category_id}&id={number}",
        "/index.php?m=content&c=index&a=show&catid={category_id}&id={number}&page={part}",
    )
    list_urls = ("/c/{slug}/", "/c/{slug}/{page}.html")
    first_category = 6
    nav = ("<li>{}</li>", '<li class="active">{}</li>')
    masthead = """<div class="header"><div class="logo"><a href="/">{site}</a></div>{languages}
<div class="nav-bar"><ul class="nav-site">
{nav}
</ul></div></div>"""
    labels = ("&nbsp;&nbsp;&nbsp;来源：{}", "&nbsp;&nbsp;&nbsp;作者：{}", "&nbsp;&nbsp;&nbsp;编辑：{}")
    story = """<div id="Article">
<h1>{title}<br />
<span>{when}{labels}&nbsp;&nbsp;&nbsp;评论：<a href="#comment">0</a> 点击：<span id="hits">{views}</span></span></h1>
<div class="content">
{blocks}
{parts}
</div>
<p class="related-title">延伸阅读：</p>
{teaser_list}
</div>
"""
    item = """<li><span class="rt">{date}</span>·{link}
<div class="desc">{summary}</div></li>"""
    entries = '<ul class="list lh24 f14">\n{items}\n</ul>'
    pager = PagerTemplate(
        whole='<div id="pages" class="text-c"><a class="a1">{count}页</a> {previous} {numbers} {following}</div>',
        previous=('<a href="{href}" class="a1">上一页</a>', '<a href="{first}" class="a1">上一页</a>'),
        following=('<a href="{href}" class="a1">下一页</a>', '<a href="{last}" class="a1">下一页</a>'),
    )


class Wordpress(Skin):
    """A meta description that differs from the summary, an endless calendar, a hidden navigation above the pager."""

    canonical = True
    describes = True
    calendar = True
    article_urls = ("/archives/{number}", "/archives/{number}/{part}")
    list_urls = ("/category/{slug}", "/category/{slug}/page/{page}")
    nav = ('<li class="menu-item menu-item-type-taxonomy">{}</li>', '<li class="menu-item current-menu-item">{}</li>')
    masthead = """<header class="site-header"><div class="site-branding"><a href="/" rel="home">{site}</a></div>
<nav class="main-navigation"><ul class="menu"><li class="menu-item"><a href="/">首页</a></li>
{nav}
</ul></nav><div class="language-switcher">{languages}</div></header>"""
    labels = (
        '<span class="item">来源：{}</span>',
        '<span class="item">作者：<a href="/about.html" rel="author">{}</a></span>',
        '<span class="item">编辑：{}</span>',
    )
    label_separator = "\n"
    story = """<article class="post">
<header class="article-header"><h1 class="article-title"><a href="{canonical}">{title}</a></h1>
<div class="article-meta"><span class="item"><time>{when}</time></span>
{labels}
<span class="item post-views">阅读({views})</span></div></header>
<div class="article-content">
{blocks}
</div>
{parts}
<footer class="entry-footer"><div class="post-copyright">未经允许不得转载：<a href="/">{site}</a> &raquo; <a href="{canonical}">{title}</a></div></footer>
</article>
<div class="relates"><div class="title"><h3>相关推荐</h3></div>
{teasers}
</div>
"""
    subhead = "<h2>{}</h2>"
    picture = '<figure class="wp-caption aligncenter"><img src="{src}" alt="">{caption}</figure>'
    caption = '<figcaption class="wp-caption-text">{}</figcaption>'
    thumb = '<a class="focus" href="{href}"><img src="{src}" class="thumb"></a>'
    item = """<article class="excerpt">{thumb}<header><h2>{link}</h2></header>
<p class="note">{summary}</p>
<div class="meta"><time>{date}</time></div></article>"""
    entries = "{items}"
    pager = PagerTemplate(
        whole="""<nav class="navigation" style="display:none"><a href="#top">较早文章</a></nav>
<div class="pagination"><ul>{previous}{numbers}{following}
<li><span>共 {count} 页</span></li></ul></div>""",
        current='<li class="active"><span>{number}</span></li>',
        other='<li><a href="{href}">{number}</a></li>',
        separator="",
        previous=(f'<li class="prev-page">{PREVIOUS}</li>', ""),
        following=(f'<li class="next-page">{NEXT}</li>', ""),
    )

    def side(self, frame: Frame) -> str:
        return super().side(frame) + calendar(frame.now.date())


class Discuz(Skin):
    """Dates without leading zeros, and pipes between the parts of the info line."""

    article_urls = ("/article-{number}-1.html", "/article-{number}-{part}.html")
    list_urls = ("/portal.php?mod=list&catid={category_id}", "/portal.php?mod=list&catid={category_id}&page={page}")
    first_category = 1
    nav = ("<li>{}</li>", '<li class="a">{}</li>')
    masthead = """<div id="toptb"><div class="z"><a href="javascript:;">设为首页</a><a href="javascript:;">收藏本站</a></div><div class="y">{languages}</div></div>
<div id="hd"><h2><a href="/" title="{site}">{site}</a></h2>
<div id="nv"><ul>{nav}</ul></div></div>"""
    published = "{0.year}-{0.month}-{0.day}"
    labels = (
        '<span class="pipe">|</span>来自: {}',
        '<span class="pipe">|</span>作者: {}',
        '<span class="pipe">|</span>编辑: {}',
    )
    story = """<div class="bm vw">
<div class="h hm"><h1 class="ph">{title}</h1>
<p class="xg1">发布: {when}{labels}<span class="pipe">|</span>查看: <em id="_viewnum">{views}</em><span class="pipe">|</span>评论: 0</p></div>
<div class="d"><table class="vwtb"><tr><td id="article_content">
{original_title}
{blocks}
</td></tr></table>
{parts}
</div>
<div class="o cl"><a href="javascript:;">收藏</a> <a href="javascript:;">邀请</a></div>
</div>
<div class="bm" id="related_article"><div class="bm_h"><h3>相关阅读</h3></div>
{teaser_list}
</div>
"""
    paragraph = "<div>　　{}</div>"
    subhead = "<div>　　<strong>{}</strong></div>"
    item = """<dl class="bbda cl"><dt class="xs2"><a href="{href}" target="_blank" class="xi2">{title}</a></dt>
<dd class="xs2 cl">{summary}</dd>
<dd><span class="xg1">{published.year}-{published.month}-{published.day}</span></dd></dl>"""
    entries = '<div class="bm_c xld">\n{items}\n</div>'
    pager = PagerTemplate(
        whole='<div class="pgs cl"><div class="pg">{previous}{numbers}<label>共 {count} 页</label>{following}</div></div>',
        current="<strong>{number}</strong>",
        separator="",
        previous=('<a href="{href}" class="prev"></a>', ""),
        following=('<a href="{href}" class="nxt">下一页</a>', ""),
    )


def calendar(today: date) -> str:
    """Return links to the days up to this one; every day has a page, which links to further days."""
    days = [today - timedelta(days=back) for back in range(CALENDAR_DAYS, -1, -1)]
    return f'<div class="calendar"><h3>文章归档</h3>{" ".join(_day(day) for day in days)}</div>'


def day_page(day: date) -> tuple[str, str]:
    """Return title and body of a day's page; it always links to the days before and after."""
    earlier, later = (day + timedelta(days=step) for step in (-1, 1))
    text = f"<p>当日没有可显示的归档。</p><p>{_day(earlier)} {_day(later)}</p>{calendar(earlier)}"
    return f"{day:%Y-%m-%d}归档", text


def _day(day: date) -> str:
    return link(f"/archive/{day:%Y/%m/%d}", str(day.day))
