"""Skins modelled on news sites with their own software."""

from __future__ import annotations

from demo.skins.base import NEXT, NUMBER, PREVIOUS, PagerTemplate, Skin
from demo.views import Entry


class Itbear(Skin):
    """One element holds the whole info line and a widget for the font size; pages are numbered x/N."""

    describes = True
    article_urls = ("/html/{born:%Y-%m}/{number}.html", "/html/{born:%Y-%m}/{number}_{part}.html")
    list_urls = ("/{slug}.html", "/{slug}.html?page={page}")
    nav = ("{}", '<b class="cur">{}</b>')
    masthead = """<div class="header_top">{languages}</div>
<div class="header_logo"><a href="/"><img src="/static/logo.png" alt="{site}"></a></div>
<div class="header_nav"><a href="/">首页</a>{nav}</div>"""
    labels = ("&nbsp;&nbsp;来源：{}", "&nbsp;&nbsp;作者：{}", "&nbsp;&nbsp;编辑：{}")
    story = """<div class="article_box">
<h1>{title}</h1>
<div class="article_info">{when}{labels}&nbsp;&nbsp;背景：<i class="bg0"></i> <a href="javascript:;">A-</a> <a href="javascript:;">A</a> <a href="javascript:;">A+</a></div>
<div class="article_content" id="article_content">
{blocks}
<p class="tip">免责声明：本文仅代表作者个人观点，与{site}无关。</p>
{parts}
<div class="article_rel">
{teaser_list}
</div>
</div>
</div>
"""
    picture = '<p style="text-align:center"><img src="{src}" alt="{text}"><br>{text}</p>'
    thumb = '<a href="{href}" class="pic"><img src="{src}" alt=""></a>'
    item = """<li>{thumb}<h4>{link}</h4><p>{summary}</p>
<em>{date}</em></li>"""
    entries = '<ul class="news_list">\n{items}\n</ul>'
    pager = PagerTemplate(
        whole='<div class="pg">{previous} <span>{number}/{count}</span> {following}</div>',
        previous=(PREVIOUS, "上一页"),
        following=(NEXT, "下一页"),
    )


class Mydrivers(Skin):
    """快科技: the source is labelled 出处, names are links, lists print 3小时前 and 昨天, and their links are tracked."""

    tracks_lists = True
    article_urls = ("/1/{thousand}/{number}.htm", "/1/{thousand}/{number}_{part}.htm")
    list_urls = ("/blog/{slug}.htm", "/blog/{slug}_{page}.htm")
    nav = ("<span>{}</span>", '<span class="hover">{}</span>')
    masthead = """<div class="top_bar"><span class="y">{languages}</span><a href="/">{site}</a></div>
<div class="nav_box"><div class="nav">{nav}</div></div>"""
    labels = (" 出处：{}", ' 作者：<a href="/about.html">{}</a>', ' 编辑：<a href="/about.html">{}</a>')
    signature = "<p>[责任编辑：{}]</p>"
    story = """<div class="news_bt" id="thread_subject"><h1>{title}</h1></div>
<div class="news_bt1"><div class="news_bt1_left">{when}{labels} <a href="#comment">评论(<span>0</span>)</a> 人气：{views} 次</div></div>
<div class="news_info">
{original_title}
{blocks}
<p class="end">- THE END -</p>
<p class="url">转载请注明出处：{site}</p>
{signature}
</div>
{parts}
<div class="news_xg"><h4>相关文章</h4>
<ul>
{teasers}
</ul></div>
"""
    thumb = '<div class="img"><a href="{href}"><img src="{src}" alt=""></a></div>'
    teaser = """<li><p class="xg_t">{link}</p><p class="xg_s">{summary}</p>
<p class="xg_d">{published:%Y-%m-%d}</p></li>"""
    item = """<li>{thumb}<div class="txt"><h3>{link}</h3>
<p>{summary}</p><span class="t">{date}</span></div></li>"""
    entries = '<ul class="newslist">\n{items}\n</ul>'
    pager = PagerTemplate(
        whole='<div class="postpage_box">{numbers} {following}</div>',
        current="<em>{number}</em>",
        following=('<a href="{href}" class="postpage">下一页&gt;</a>', ""),
    )

    def entry_date(self, entry: Entry) -> str:
        """Return 3小时前 or 5分钟前 for today, 昨天 with the time for yesterday; else, or if the story has no time, the date."""
        published = entry.story.published
        days = (entry.now.date() - published.date()).days
        if not entry.story.clock or days not in {0, 1}:
            return super().entry_date(entry)
        if days == 1:
            return f"昨天 {published:%H:%M}"
        minutes = int((entry.now - published).total_seconds()) // 60
        return f"{minutes // 60}小时前" if minutes >= 60 else f"{minutes}分钟前"  # noqa: PLR2004 - an hour


class People(Skin):
    """人民网 (TRS): date and time run together, the editor follows the body, a list's page 2 is ``index_1.html``."""

    canonical = True
    describes = True
    article_urls = (
        "/n1/{born:%Y/%m%d}/c{category_id}-{number}.html",
        "/n1/{born:%Y/%m%d}/c{category_id}-{number}-{part}.html",
    )
    list_urls = ("/GB/{slug}/index.html", "/GB/{slug}/index_{before}.html")
    first_category = 1003
    nav = ("<i>|</i>{}", "<i>|</i><b>{}</b>")
    masthead = """<div class="pd_top"><span>{languages}</span></div>
<div class="pd_nav"><a href="/"><b>{site}</b></a> {nav}</div>"""
    published, published_gap = "{0:%Y年%m月%d日}", ""
    labels = (' | 来源：<a href="/about.html">{}</a>', "", "")
    byline = '<div class="author">作者：{}</div>'
    signature = '<div class="edit">(责编：{})</div>'
    story = """<div class="col-1">
<h4 class="pre"></h4>
<h1>{title}</h1>
{byline}
<div class="col-1-1">{when}{labels} <a href="javascript:;" class="message">小字号</a></div>
<div class="rm_txt_con">
{original_title}
{blocks}
{parts}
{signature}
</div>
<div class="rm_fenxiang">分享让更多人看到 <span>已有{views}人阅读</span></div>
</div>
<div class="rm_relevant"><h3>推荐阅读</h3>
<ul>
{teasers}
</ul></div>
"""
    paragraph = '<p style="text-indent: 2em;">\n\t{}</p>'
    subhead = '<p style="text-indent: 2em;">\n\t<strong>{}</strong></p>'
    picture = '<p style="text-align: center;"><img alt="{text}" src="{src}"><br>{text}</p>'
    parts = PagerTemplate(
        whole='<div class="zdfy">{numbers}</div>',
        current="【{number}】",
        other='<a href="{href}">【{number}】</a>',
        separator="",
    )
    item = """<li>{link}<em>{date}</em>
<div class="abs">{summary}</div></li>"""
    entries = '<ul class="list_16">\n{items}\n</ul>'
    pager = PagerTemplate(whole='<div class="page_n">{numbers} {following}</div>', current=NUMBER)


class Portal(Skin):
    """An old portal: nested tables, names in brackets, GBK bytes declared as gb2312 only by a meta after a misleading charset."""

    charset = "gb2312"
    codec = "gb18030"
    content_type = "text/html"
    article_urls = ("/tech/{born:%Y-%m-%d}/{number}.shtml", "/tech/{born:%Y-%m-%d}/{number}_{part}.shtml")
    list_urls = ("/tech/{slug}/index.shtml", "/tech/{slug}/index_{page}.shtml")
    document = """<HTML>
<HEAD>
<SCRIPT src="/static/count.js" charset="utf-8"></SCRIPT>
<META http-equiv="Content-Type" content="text/html; charset={charset}">
<TITLE>{title}</TITLE>
{head}
</HEAD>
<BODY bgcolor="#ffffff">
{masthead}
{content}
{footer}
</BODY>
</HTML>
"""
    layout = """<TABLE width="950" align="center"><TR><TD width="640" valign="top">
{main}</TD><TD valign="top">
{side}</TD></TR></TABLE>"""
    nav = ("<TD>{}</TD>", "<TD><B>{}</B></TD>")
    masthead = """<TABLE width="950" align="center"><TR><TD><A href="/"><B>{site}</B></A></TD><TD align="right">{languages}</TD></TR></TABLE>
<TABLE width="950" align="center" bgcolor="#003399"><TR>
{nav}
</TR></TABLE>"""
    footer = """<TABLE width="950" align="center"><TR><TD align="center">{links}<BR>
{traps}<BR>Copyright &copy; 2009-{now:%Y} {site} 版权所有 备案号00000000 更新于{now:%Y-%m-%d %H:%M}</TD></TR></TABLE>"""
    latest = "·{link} ({published:%m/%d})<BR>"
    hot = "<TR><TD>{link}</TD></TR>"
    sidebar = """<TABLE><TR><TD><B>最新消息</B></TD></TR><TR><TD>
{latest}
</TD></TR></TABLE>
<TABLE><TR><TD><B>点击排行</B></TD></TR>
{hot}
</TABLE>"""
    published = "{0.year}年{0.month}月{0.day}日"
    labels = ("【来源：{}】", "【作者：{}】", "【编辑：{}】")
    story = """<TABLE width="100%"><TR><TH class="f24"><H1>{title}</H1></TH></TR>
<TR><TD align="center"><FONT color="#666666">{when}　{labels}</FONT></TD></TR>
<TR><TD class="l17"><FONT id="zoom">
{original_title}
{blocks}
<P align="right">〔<a href="javascript:window.close()">关闭窗口</a>〕 阅读 {views} 次</P>
{parts}
{teaser_list}
</FONT></TD></TR></TABLE>
"""
    paragraph = "<P>　　{}</P>"
    subhead = "<P>　　<strong>{}</strong></P>"
    picture = '<TABLE align="center"><TR><TD><IMG src="{src}"></TD></TR><TR><TD align="center"><FONT size="2">{text}</FONT></TD></TR></TABLE>'
    item = """<TR><TD><B>{link}</B><BR>{summary}
<FONT color="#999999">{date}</FONT></TD></TR>"""
    entries = '<TABLE width="100%">\n{items}\n</TABLE>'
    pager = PagerTemplate(
        whole="<CENTER>{previous} {numbers} {following}</CENTER>",
        current="<FONT color=red>{number}</FONT>",
        previous=(PREVIOUS, "上一页"),
        following=(NEXT, "下一页"),
    )
