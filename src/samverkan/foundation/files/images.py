"""Photos made harmless: whatever comes in, what goes out is a plain JPEG of new pixels.

No metadata survives (position, device, thumbnails), nothing that hides behind the picture either,
and no picture costs more than its size allows. Works on bytes; knows neither Django nor files.
"""

from __future__ import annotations

import io
import re
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

MAX_BYTES = 25 << 20
MAX_PIXELS = 52_000_000
MAX_SIDE = 16_384
#: Longest side of what is kept.
KEEP_SIDE = 2560
QUALITY = 82
#: A progressive JPEG has about ten scans; hundreds of them make a small file take minutes.
MAX_SCANS = 100

_MAX_PROFILE = 4 << 20

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
    exif = b""
    if kind == "JPEG":
        content, exif = _bare_jpeg(content)
    elif kind == "PNG":
        content = _bare_png(content)
    if kind == "HEIF":
        import pillow_heif  # loads a large library: only for those who need it

        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes are judged here, by our own limits
            with Image.open(io.BytesIO(content), formats=[kind]) as image:
                return _redraw(image, exif)
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable("pixels") from error
    except Exception as error:  # decoders raise anything at all on hostile bytes
        raise Unreadable("damaged") from error


#: A marker inside a JPEG's picture data that ends it: no stuffed zero, no restart, no filling.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"gAMA", b"cHRM", b"sRGB"}


def _bare_jpeg(content: bytes) -> tuple[bytes, bytes]:
    """The picture without what hangs on it, and its EXIF part, of which only the orientation is read.

    Films of motion photos lie after the end, and long or broken texts before the picture: neither may
    refuse it. Raises Unreadable for more scans than a picture has.
    """
    kept, exif, at, scans = [b"\xff\xd8"], b"", 2, 0
    while at + 2 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if kind == 0xFF:
            at += 1
            continue
        if kind == 0xD9:
            kept.append(b"\xff\xd9")  # without it the picture is cut off, and told to be damaged
            break
        if kind == 0x01 or 0xD0 <= kind <= 0xD7:
            at += 2
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if _metadata(kind) and (end < at + 4 or content[end : end + 1] != b"\xff"):
            at = _picture_after(content, at + 2)  # the length is wrong, and what has it is left out anyway
            continue
        segment = content[at:end]
        if kind == 0xE1 and segment[4:10] == b"Exif\0\0" and not exif:
            exif = segment[4:]
        if not _metadata(kind) or kind == 0xEE or segment[4:15] == b"ICC_PROFILE":
            kept.append(segment)
        if kind == 0xDA:
            scans += 1
            if scans > MAX_SCANS:
                raise Unreadable("pixels")
            marker = _MARKER.search(content, end)
            until = marker.start() if marker else len(content)
            kept.append(content[end:until])
            end = until
        at = end
    return b"".join(kept), exif


def _metadata(kind: int) -> bool:
    """Whether a segment of a JPEG tells of the picture and is none of it."""
    return 0xE1 <= kind <= 0xEF or kind == 0xFE


def _picture_after(content: bytes, at: int) -> int:
    """Where the picture's own tables begin after metadata of a wrong length; past the small picture that may lie in it."""
    tables = content.find(b"\xff\xdb", at)
    small = content.find(b"\xff\xd8\xff", at)
    if 0 <= small < tables and (ends := content.find(b"\xff\xd9", small)) >= 0:
        return _picture_after(content, ends + 2)
    return tables if tables >= 0 else len(content)


def _unpacks(profile: bytes) -> bool:
    """Whether a PNG's colour profile is one of some size; a longer one is an attack or a mistake."""
    _name, _zero, packed = profile.partition(b"\0")
    try:
        unpacking = zlib.decompressobj()
        return bool(unpacking.decompress(packed[1:], _MAX_PROFILE)) and not unpacking.unconsumed_tail
    except zlib.error:
        return False


def _bare_png(content: bytes) -> bytes:
    """The first picture of a PNG with its palette, profile and orientation; texts and further frames left out."""
    kept, at, orientation = [content[:8]], 8, b""
    while at + 12 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        kind = content[at + 4 : at + 8]
        if kind == b"eXIf":
            orientation = content[at:end]  # it may stand after the picture, where the decoder does not look
        elif kind in _PNG_KEPT:
            whole = zlib.crc32(content[at + 4 : end - 4]) == int.from_bytes(content[end - 4 : end], "big")
            # A profile or other beside the picture that is broken is no reason to refuse it.
            if kind[:1].isupper() or (whole and (kind != b"iCCP" or _unpacks(content[at + 8 : end - 4]))):
                kept.append(content[at:end])
        if kind == b"IEND":
            break
        at = end
    if orientation:
        kept.insert(2, orientation)
    return b"".join(kept)


def _orientation(image: Image.Image, exif: bytes) -> int:
    """How the picture is turned; upright where its EXIF cannot be read."""
    try:
        found = image.getexif()
        if exif:
            found = Image.Exif()
            found.load(exif)
        turned = found.get(0x0112, 1)
    except Exception:  # broken metadata is no reason to refuse the picture
        return 1
    return turned if isinstance(turned, int) and 1 <= turned <= 8 else 1


def _in_usual_colours(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours of a wider gamut (Display P3, Adobe RGB) or of print as a screen without profile shows them."""
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a profile that is broken or of another kind of picture
    return made or picture


def _redraw(image: Image.Image, exif: bytes) -> Photo:
    width, height = image.size
    if width < 1 or height < 1 or max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Unreadable("pixels")
    profile = image.info.get("icc_profile")
    image.draft("RGB", (KEEP_SIDE, KEEP_SIDE))  # lets the JPEG decoder skip what would be thrown away
    image.load()
    orientation = _orientation(image, exif)
    picture = image.copy() if image.mode == "CMYK" else _opaque(image)
    picture.thumbnail((KEEP_SIDE, KEEP_SIDE), Image.Resampling.HAMMING, reducing_gap=2.0)
    picture = _in_usual_colours(picture, profile).convert("RGB")
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
