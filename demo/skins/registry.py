"""Skins by name: that of their class in lower case; the first is the default."""

from __future__ import annotations

from demo.skins import cms, invented, news_sites, scripted
from demo.skins.base import Skin

SKINS: dict[str, Skin] = {
    skin.__name__.lower(): skin()
    for skin in (
        invented.Glued,
        invented.Split,
        news_sites.Itbear,
        cms.Dedecms,
        cms.Empirecms,
        cms.Phpcms,
        cms.Wordpress,
        cms.Discuz,
        news_sites.Mydrivers,
        news_sites.People,
        news_sites.Portal,
    )
}
"""Skins whose pages hold all their content in the HTML."""
SCRIPTED_SKINS: dict[str, Skin] = {"scripted": scripted.Scripted(), "mixed": scripted.Mixed()}
"""Skins with pages that need a browser."""
ALL_SKINS = SKINS | SCRIPTED_SKINS
