"""The mobile twin: one page for the whole article, in every skin the same, calling the desktop page canonical."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, footer_links, inline, labelled, link, when
from demo.views import ArticlePage, Entry


def mobile(skin: Skin, page: ArticlePage) -> str:
    story = page.story
    info = labelled(story, "<em>来源：{}</em>", "<em>作者：{}</em>", "<em>编辑：{}</em>")
    body = each(
        lambda block: (
            f'<figure><img src="{block.src}" alt=""><figcaption>{escape(block.text)}</figcaption></figure>'
            if block.kind == "picture"
            else f"<p>{inline(block.text, story.subject)}</p>"
        ),
        story.blocks,
    )
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="{skin.charset}">
<title>{escape(story.title)} - {SITE_NAME}手机版</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="canonical" href="{escape(page.canonical)}">
{skin.description(page)}
</head>
<body>
<header><a href="/">{SITE_NAME}</a> {link(page.crumb.href, page.crumb.text)}</header>
<article>
<h1>{escape(story.title)}</h1>
<div class="msg"><time>{when(story)}</time> {" ".join(info)}</div>
<div class="txt">
{body}
</div>
</article>
<section class="more">
{each(teaser, page.teasers)}
</section>
<footer>{link(page.canonical, "电脑版")} {footer_links()} &copy; {page.frame.now:%Y}</footer>
</body>
</html>
"""


def teaser(entry: Entry) -> str:
    return (
        f"<div><h4>{link(entry.href, entry.title)}</h4><p>{escape(entry.summary)}</p>"
        f"<i>{entry.published:%Y-%m-%d}</i></div>"
    )
