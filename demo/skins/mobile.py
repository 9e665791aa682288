"""Mobile page: one for the whole article, the same in every skin, with the desktop page as canonical URL."""

from __future__ import annotations

from html import escape

from demo.skins.base import FOOTER_LINKS, SITE_NAME, Skin, inline, labelled, link, links
from demo.views import ArticlePage

LABELS = ("<em>来源：{}</em>", "<em>作者：{}</em>", "<em>编辑：{}</em>")
TEASER = "<div><h4>{link}</h4><p>{summary}</p><i>{published:%Y-%m-%d}</i></div>"


def mobile(skin: Skin, page: ArticlePage) -> str:
    story = page.story
    body = "\n".join(
        f'<figure><img src="{block.src}" alt=""><figcaption>{escape(block.text)}</figcaption></figure>'
        if block.kind == "picture"
        else f"<p>{inline(block.text, story.subject)}</p>"
        for block in story.blocks
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
<div class="msg"><time>{story.published:%Y-%m-%d}{" " if story.clock else ""}{story.clock}</time> {" ".join(labelled(story, LABELS))}</div>
<div class="txt">
{body}
</div>
</article>
<section class="more">
{skin.each(TEASER, page.teasers)}
</section>
<footer>{link(page.canonical, "电脑版")} {links(FOOTER_LINKS)} &copy; {page.frame.now:%Y}</footer>
</body>
</html>
"""
