"""Every skin by name; the first of the plain ones is the default."""

from __future__ import annotations

from demo.skins.base import Skin
from demo.skins.dedecms import Dedecms
from demo.skins.discuz import Discuz
from demo.skins.empirecms import Empirecms
from demo.skins.glued import Glued
from demo.skins.itbear import Itbear
from demo.skins.mydrivers import Mydrivers
from demo.skins.people import People
from demo.skins.phpcms import Phpcms
from demo.skins.portal import Portal
from demo.skins.scripted import Mixed, Scripted
from demo.skins.split import Split
from demo.skins.wordpress import Wordpress

SKINS: dict[str, Skin] = {
    skin.name: skin
    for skin in (
        Glued(),
        Split(),
        Itbear(),
        Dedecms(),
        Empirecms(),
        Phpcms(),
        Wordpress(),
        Discuz(),
        Mydrivers(),
        People(),
        Portal(),
    )
}
"""Those whose pages say everything in their HTML."""
SCRIPTED_SKINS: dict[str, Skin] = {skin.name: skin for skin in (Scripted(), Mixed())}
"""Those with pages that need a browser."""
ALL_SKINS = SKINS | SCRIPTED_SKINS
