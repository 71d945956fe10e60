"""Photos made harmless: whatever comes in, what goes out is a plain JPEG of new pixels.

No metadata survives (position, device, thumbnails), nothing that hides behind the picture either,
and no picture costs more than its size allows. Works on bytes; knows neither Django nor files.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

MAX_BYTES = 25 << 20
MAX_PIXELS = 52_000_000
MAX_SIDE = 16_384
#: Longest side of what is kept.
KEEP_SIDE = 2560
QUALITY = 82
#: A progressive JPEG has about ten scans; hundreds of them make a small file take minutes.
MAX_SCANS = 100

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"}


class Unreadable(Exception):
    """The content is no picture of a kind that is taken. ``code``: type, size, pixels or damaged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Photo:
    """JPEG bytes and their size in pixels."""

    content: bytes
    width: int
    height: int


def sniff(content: bytes) -> str | None:
    """JPEG, PNG, WEBP or HEIF by the first bytes; None for everything else."""
    if content[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return "HEIF"
    return None


def normalise(content: bytes) -> Photo:
    """The picture as a JPEG of at most 2560 pixels a side, upright and without metadata.

    Of several frames the first is kept; transparency becomes white. Raises Unreadable.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable("size")
    kind = sniff(content)
    if kind is None:
        raise Unreadable("type")
    if kind == "JPEG" and content.count(b"\xff\xda") > MAX_SCANS:
        raise Unreadable("pixels")
    if kind == "HEIF":
        import pillow_heif  # loads a large library: only for those who need it

        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes are judged here, by our own limits
            with Image.open(io.BytesIO(content), formats=[kind]) as image:
                return _redraw(image)
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable("pixels") from error
    except Exception as error:  # decoders raise anything at all on hostile bytes
        raise Unreadable("damaged") from error


def _redraw(image: Image.Image) -> Photo:
    width, height = image.size
    if width < 1 or height < 1 or max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Unreadable("pixels")
    image.draft("RGB", (KEEP_SIDE, KEEP_SIDE))  # lets the JPEG decoder skip what would be thrown away
    image.load()
    orientation = image.getexif().get(0x0112, 1)
    picture = _opaque(image)
    picture.thumbnail((KEEP_SIDE, KEEP_SIDE), Image.Resampling.HAMMING, reducing_gap=2.0)
    if orientation != 1:
        picture.getexif()[0x0112] = orientation
        picture = ImageOps.exif_transpose(picture)
    fresh = Image.new("RGB", picture.size)  # a new picture carries nothing of the old but its pixels
    fresh.paste(picture)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=QUALITY)
    return Photo(out.getvalue(), *fresh.size)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    if image.mode.startswith("I"):  # 16 bits per pixel: keep the upper eight
        return image.convert("I").point(lambda value: value / 257).convert("L").convert("RGB")
    return image.convert("RGB")
