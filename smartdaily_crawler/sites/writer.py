"""Write a profile as the TOML that ``sites.profile`` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable

from smartdaily_crawler.sites.profile import SiteProfile, chosen


def as_toml(profile: SiteProfile, heading: Iterable[str] = ()) -> str:
    """Return a profile as TOML.

    :param heading: lines of a comment at the top.

    >>> print(as_toml(SiteProfile(name="example", title="例报"), ["From its pages."]))
    # From its pages.
    title = "例报"
    timezone = "Asia/Shanghai"
    <BLANKLINE>
    """
    lines = [f"# {line}" for line in heading]
    lines += [f"title = {_string(profile.title)}", f"timezone = {_string(profile.timezone)}"]
    if profile.language != SiteProfile.language:
        lines.append(f"language = {_string(profile.language)}")
    if profile.render != "never":
        lines.append(f"render = {_string(profile.render)}")
    if selectors := chosen(profile.selectors):
        lines += ["", "[selectors]", *(f"{name} = {_string(css)}" for name, css in selectors.items())]
    if profile.agreement:
        lines += [
            "",
            "# Share of further pages on which the selector gave what the structure of the page gave.",
            "[agreement]",
            *(f"{name} = {share:.3f}" for name, share in profile.agreement.items()),
        ]
    return "\n".join(lines) + "\n"


def _string(text: str) -> str:
    """Return a TOML basic string: the escapes are those of JSON, and DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
