"""Tell whether bytes from the network are a picture that may be kept. Needs the extra ``images``."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from smartdaily_crawler.reasons import Reason

_ENDINGS = {"AVIF": "avif", "GIF": "gif", "JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp"}
"""Pillow's names of the formats that browsers show, but SVG, which may have scripts. An MPO is a JPEG with a second picture."""
_FORMATS = tuple(name for name in _ENDINGS if name != "MPO")

# Pillow warns of a picture with more than Image.MAX_IMAGE_PIXELS, 89 million, and raises an error at twice that.
warnings.simplefilter("error", Image.DecompressionBombWarning)


class NotAPictureError(Exception):
    """The bytes may not be kept; the message is the reason of the outcome."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture's bytes tell."""

    ending: str
    """Of a file's name, without the dot."""
    media_type: str
    width: int
    height: int
    """In pixels, as stored: before a rotation that its metadata ask for."""


def read_picture(content: bytes) -> Picture:
    """Decode a picture, by its bytes and not by its name or headers. Raise ``NotAPictureError``.

    Blocks: a large picture takes a second, and 4 bytes of memory for each pixel.
    """
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            name = image.format or ""
            image.load()  # a picture that is cut short has a whole header
            return Picture(_ENDINGS[name], Image.MIME[name], *image.size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPictureError(Reason.TOO_MANY_PIXELS) from None
    except Exception as error:
        # Pillow's decoders raise nearly every kind of error.
        raise NotAPictureError(Reason.NOT_A_PICTURE) from error
