"""Photos: what is taken comes out as plain JPEG; what is hostile is refused, quickly."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from samverkan.foundation.files import documents, images

GPS = 0x8825


def _picture(width: int = 320, height: int = 240, mode: str = "RGB") -> Image.Image:
    gradient = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (gradient, gradient.rotate(180), gradient)).convert(mode)


def _bytes(picture: Image.Image, kind: str, **options: Any) -> bytes:
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG whose header says what we like."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in ((b"IHDR", head), *chunks, (b"IEND", b"")))


def _refusal(content: bytes) -> str:
    before = time.process_time()
    with pytest.raises(images.Unreadable) as refusal:
        images.normalise(content)
    assert time.process_time() - before < 2, "a refusal must be cheap"
    return refusal.value.code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_kind_comes_out_as_jpeg(kind: str) -> None:
    photo = images.normalise(_bytes(_picture(), kind))
    with Image.open(io.BytesIO(photo.content)) as result:
        assert (result.format, result.mode, result.size) == ("JPEG", "RGB", (320, 240))
    assert (photo.width, photo.height) == (320, 240)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "L"),
        ("PNG", "LA"),
        ("PNG", "1"),
        ("PNG", "I;16"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
    ],
)
def test_every_mode_comes_out_as_rgb(kind: str, mode: str) -> None:
    picture = _picture(mode="L").convert("I;16") if mode == "I;16" else _picture(mode="RGB").convert(mode)
    with Image.open(io.BytesIO(images.normalise(_bytes(picture, kind)).content)) as result:
        assert result.mode == "RGB"


def test_sixteen_bits_keep_their_light() -> None:
    bright = Image.new("I;16", (8, 8), 65535)
    with Image.open(io.BytesIO(images.normalise(_bytes(bright, "PNG")).content)) as result:
        assert min(result.getpixel((4, 4))) > 250  # type: ignore[type-var,arg-type]


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    with Image.open(io.BytesIO(images.normalise(_bytes(clear, "PNG")).content)) as result:
        assert min(result.getpixel((4, 4))) > 250  # type: ignore[type-var,arg-type]


def test_no_metadata_survives() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    exif.get_ifd(GPS).update({1: "N", 2: (59.0, 22.0, 0.0)})
    content = _bytes(_picture(), "JPEG", exif=exif, comment=b"a secret comment", icc_profile=b"profile bytes")
    assert b"Camera maker" in content and b"a secret comment" in content
    result = images.normalise(content).content
    for hidden in (b"Camera maker", b"a secret comment", b"profile bytes", b"Exif"):
        assert hidden not in result
    with Image.open(io.BytesIO(result)) as picture:
        assert dict(picture.getexif()) == {}


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_photos_stand_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = images.normalise(_bytes(_picture(400, 100), "JPEG", exif=exif))
    assert (photo.width, photo.height) == ((100, 400) if orientation in {6, 8} else (400, 100))


def test_large_photos_are_made_smaller_and_small_ones_are_not_enlarged() -> None:
    photo = images.normalise(_bytes(Image.new("RGB", (6000, 1500), "grey"), "JPEG"))
    assert (photo.width, photo.height) == (2560, 640)
    assert images.normalise(_bytes(_picture(3, 2), "PNG")).width == 3


def test_a_film_behind_a_motion_photo_is_left_out_whatever_its_bytes() -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda\x00" * 5000
    photo = images.normalise(_bytes(_picture(), "JPEG") + film)
    assert (photo.width, photo.height) == (320, 240) and len(photo.content) < 50_000


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0" + b"\xff" * 60_000])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_broken_metadata_never_refuses_a_picture(kind: str, exif: bytes) -> None:
    assert images.normalise(_bytes(_picture(), kind, exif=exif, icc_profile=b"no profile")).width == 320


def test_broken_segments_before_a_jpeg_are_left_out() -> None:
    content = _bytes(_picture(), "JPEG")
    for mark, told in (
        (b"\xff\xed", b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x7f\xff\xff\xff\x00"),
        (b"\xff\xe2", b"MPF\0MM\0*\0\0\xff\xff\0\0"),
    ):
        part = mark + struct.pack(">H", len(told) + 2) + told
        assert images.normalise(content[:2] + part + content[2:]).width == 320


def test_long_texts_in_a_png_are_left_out() -> None:
    content = _bytes(_picture(), "PNG")
    for kind, text in ((b"zTXt", b"XML\0\0" + zlib.compress(b"x" * (3 << 20))), (b"tEXt", b"XML\0" + b"y" * (2 << 20))):
        chunk = struct.pack(">I", len(text)) + kind + text + struct.pack(">I", zlib.crc32(kind + text))
        assert images.normalise(content[:33] + chunk + content[33:]).width == 320


def test_wide_gamut_colours_are_shown_as_they_were_meant() -> None:
    """The red of a wider gamut is redder than a plain screen's: without its profile it would look faded."""
    from PIL import ImageCms

    wide = _wide_profile()
    plain = Image.new("RGB", (64, 64), (200, 60, 60))
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(wide)))
    for kind in ("JPEG", "PNG", "WEBP"):
        out = images.normalise(_bytes(plain, kind, icc_profile=wide, quality=95))
        with Image.open(io.BytesIO(out.content)) as result:
            red, _green, _blue = result.getpixel((32, 32))  # type: ignore[misc]
            assert red > 212 and "icc_profile" not in result.info


def _wide_profile() -> bytes:
    """A profile of Display P3's primaries, made from sRGB's by changing its three colours."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {
        b"rXYZ": (0.51512, 0.2412, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.1571, 0.06657, 0.78407),
    }
    for number in range(struct.unpack(">I", profile[128:132])[0]):
        name, at, _size = struct.unpack(">4sII", profile[132 + 12 * number : 144 + 12 * number])
        for place, value in enumerate(primaries.get(name, ())):
            profile[at + 8 + 4 * place : at + 12 + 4 * place] = struct.pack(">i", round(value * 65536))
    return bytes(profile)


def test_what_hides_behind_the_picture_is_gone() -> None:
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("hidden.txt", "hidden words")
    result = images.normalise(_bytes(_picture(), "JPEG") + hidden.getvalue() + b"<script>alert(1)</script>").content
    assert b"PK\x03\x04" not in result and b"script" not in result


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><body>not a photo</body></html>",
        b"GIF89a" + b"\x00" * 100,
        b"BM" + b"\x00" * 100,
        b"II*\x00" + b"\x00" * 100,
        b"%PDF-1.7 not a photo",
        b"PK\x03\x04 not a photo",
        b"\x00\x00\x00\x20ftypavif" + b"\x00" * 100,
        b"\x00\x00\x00\x20ftypmp42" + b"\x00" * 100,
    ],
)
def test_other_kinds_are_refused_by_content(content: bytes) -> None:
    assert _refusal(content) == "type"


@pytest.mark.parametrize("size", [(60_000, 60_000), (16_385, 10), (10, 16_385), (9000, 9000)])
def test_bombs_are_refused_before_they_unpack(size: tuple[int, int]) -> None:
    assert _refusal(_png(*size, (b"IDAT", zlib.compress(b"\x00" * 10_000_000)))) == "pixels"


def test_text_bombs_inside_are_never_unpacked() -> None:
    bomb = b"Comment\x00\x00" + zlib.compress(b"a" * 100_000_000, 9)
    content = _png(8, 8, (b"zTXt", bomb), (b"IDAT", zlib.compress(b"\x00" * 200)))
    before = time.process_time()
    assert images.normalise(content).width == 8
    assert time.process_time() - before < 0.1, "100 MB of text would take longer"


def test_a_jpeg_of_countless_scans_is_refused() -> None:
    content = _bytes(_picture(), "JPEG", progressive=True)
    scan = content.rindex(b"\xff\xda")
    assert _refusal(content[:-2] + content[scan:-2] * 200 + b"\xff\xd9") == "pixels"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_cut_off_files_are_refused(kind: str, kept: float) -> None:
    content = _bytes(_picture(), kind)
    assert _refusal(content[: int(len(content) * kept)]) == "damaged"


def test_too_many_bytes_are_refused() -> None:
    assert _refusal(b"\xff\xd8\xff" + b"\x00" * images.MAX_BYTES) == "size"


_SEEDS = [_bytes(_picture(64, 48), kind) for kind in ("JPEG", "PNG", "WEBP", "HEIF")]


@settings(max_examples=150)
@given(
    st.sampled_from(_SEEDS), st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=8)), max_size=6)
)
def test_damaged_files_are_either_drawn_or_refused(seed: bytes, damage: list[tuple[int, bytes]]) -> None:
    content = bytearray(seed)
    for place, what in damage:
        at = place % len(content)
        content[at : at + len(what)] = what
    try:
        photo = images.normalise(bytes(content))
    except images.Unreadable as refusal:
        assert refusal.code in {"type", "size", "pixels", "damaged"}
    else:
        assert photo.content[:3] == b"\xff\xd8\xff" and photo.width * photo.height <= images.KEEP_SIDE**2


# --- documents -----------------------------------------------------------------------------------


def _office(*names: str, payload: bytes = b"<x/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, payload)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\nwords\n%%EOF\n", documents.PDF),
        ("Åtta öar.\n".encode(), documents.TEXT),
        (_office("[Content_Types].xml", "word/document.xml"), documents.DOCX),
        (_office("[Content_Types].xml", "xl/workbook.xml"), documents.XLSX),
    ],
)
def test_documents_are_known_by_content(content: bytes, kind: str) -> None:
    assert documents.check(content) == kind


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "type"),
        (b"MZ\x90 a program", "type"),
        (b"#!/bin/sh\nrm -r /\n", "type"),
        (b"words \x00 and more", "type"),
        (b"\xff\xfe\xfa", "type"),
        (b"<html>%PDF-1.7 %%EOF", None),
        (b"%PDF-1.7 cut", "damaged"),
        (b"PK\x03\x04 cut", "damaged"),
        (_office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "type"),
        (_office("[Content_Types].xml", "ppt/presentation.xml"), "type"),
        (_office("word/document.xml"), "type"),
        (_office("[Content_Types].xml", "word/document.xml", payload=b"\x00" * (40 << 20)), "pixels"),
        (b"a" * (documents.MAX_BYTES + 1), "size"),
    ],
)
def test_hostile_documents_are_refused(content: bytes, code: str | None) -> None:
    if code is None:  # a page that pretends is plain text and is only ever downloaded as such
        assert documents.check(content) == documents.TEXT
        return
    with pytest.raises(images.Unreadable) as refusal:
        documents.check(content)
    assert refusal.value.code == code
