"""Pictures of every kind: read right, or refused with the reason."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngImageFile, PngInfo

from fairtrial.core.errors import DataError
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.decode import decode, read_upright
from fairtrial.images.reading.refusals import UnusableError
from tests.images.support import encode, png

GREY = Ingest(image_side_px=8, channels=1)
RGB = Ingest(image_side_px=8, channels=3)
DEEP = Ingest(image_side_px=8, bit_depth="maximum")


def ramp(dtype: str = "uint8", top: int = 255) -> np.ndarray:
    """8 x 8 pixels from 0 to ``top``."""
    return np.round(np.linspace(0, top, 64)).reshape(8, 8).astype(dtype)


def colours() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP"])
def test_lossless_formats_are_read_exactly(kind: str) -> None:
    """A picture of the right size comes back pixel by pixel."""
    settings = {"lossless": True} if kind == "WEBP" else {}
    content = encode(Image.fromarray(colours()), kind, **settings)
    np.testing.assert_array_equal(decode(content, "a", RGB), colours())


def test_jpeg_is_read_nearly() -> None:
    """A JPEG of a smooth ramp keeps its grey values within 8 levels."""
    pixels = decode(encode(Image.fromarray(ramp()), "JPEG", quality=95), "a", GREY)
    assert np.abs(pixels[:, :, 0].astype(int) - ramp()).max() <= 8


@pytest.mark.parametrize(("depth", "top"), [(12, 4095), (16, 65535), ("maximum", 4000)])
def test_deep_grey_is_scaled_by_its_depth(depth: int | str, top: int) -> None:
    """12 and 16 bits keep the whole range of greys instead of turning white."""
    ingest = Ingest(image_side_px=8, channels=1, bit_depth=depth)
    pixels = decode(png(ramp("uint16", top)), "a.png", ingest)[:, :, 0]
    assert np.abs(pixels.astype(int) - ramp()).max() <= 1


def test_deep_grey_without_a_depth_is_an_error() -> None:
    """The message names the file, the mode, the largest value and the parameter."""
    with pytest.raises(DataError) as caught:
        decode(png(ramp("uint16", 4095)), "raw/xray/a.png", GREY)
    assert str(caught.value) == (
        "raw/xray/a.png: expected 8-bit grey or RGB, found mode I;16 (max 4095). "
        "Set ingest.bit_depth: 12, or maximum to scale each picture by its own."
    )


def test_deep_grey_beyond_its_depth_is_left_out() -> None:
    """A value that does not fit the declared depth is no guess at another depth."""
    ingest = Ingest(image_side_px=8, channels=1, bit_depth=12)
    with pytest.raises(UnusableError, match="values from 0 to 5000 do not fit 12 bits"):
        decode(png(ramp("uint16", 5000)), "a", ingest)


def test_sixteen_bit_colour_needs_its_depth() -> None:
    """16-bit colour is read only where 16 bits are declared."""
    # A PNG of 16-bit RGB: Pillow writes none, so its chunks are put together here.
    content = _png16(colours().astype(">u2") * 257)
    with pytest.raises(DataError, match="16-bit colour .*Set ingest.bit_depth: 16"):
        decode(content, "a.png", RGB)
    deep = Ingest(image_side_px=8, bit_depth=16)
    np.testing.assert_array_equal(decode(content, "a.png", deep), colours())


def _png16(pixels: np.ndarray) -> bytes:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_orientation_is_obeyed() -> None:
    """A picture stored on its side is turned upright."""
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned against the clock: show it turned with the clock
    content = encode(Image.fromarray(colours()), "PNG", exif=exif)
    np.testing.assert_array_equal(decode(content, "a", RGB), np.rot90(colours(), -1))


@pytest.mark.parametrize("background", [(0, 0, 0), (255, 255, 255), (10, 200, 30)])
def test_transparency_shows_the_background(background: tuple[int, int, int]) -> None:
    """Transparent pixels are the background whatever colour hides below them."""
    pixels = np.dstack([colours(), np.full((8, 8), 255, np.uint8)])
    pixels[:4, :, 3] = 0
    ingest = Ingest(image_side_px=8, background=background)
    found = decode(png(pixels), "a", ingest)
    np.testing.assert_array_equal(found[:4], np.broadcast_to(background, (4, 8, 3)))
    np.testing.assert_array_equal(found[4:], colours()[4:])


def test_palette_and_cmyk_become_rgb() -> None:
    """A palette is looked up; inks are turned into light."""
    palette = Image.fromarray(ramp()).convert("P")
    np.testing.assert_array_equal(decode(encode(palette, "PNG"), "a", GREY)[:, :, 0], ramp())
    inks = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
    inks.putpixel((0, 0), (0, 0, 0, 0))
    found = decode(encode(inks, "TIFF"), "a", RGB)
    assert found[4, 4].tolist() == [0, 255, 255]
    assert found[0, 0].tolist() == [255, 255, 255]


def smooth() -> Image.Image:
    """64 x 64 inks that a JPEG keeps nearly: cyan grows to the right, black downwards."""
    cyan, black = np.meshgrid(np.arange(0, 256, 4), np.arange(0, 128, 2))
    none = np.zeros_like(cyan)
    return Image.fromarray(np.dstack([cyan, none, none, black]).astype(np.uint8), "CMYK")


def test_inks_of_a_jpeg_are_read_by_its_adobe_mark() -> None:
    """Adobe's inks are stored inverted, those of others are not; both come out the same."""
    ingest = Ingest(image_side_px=64)
    expected = decode(encode(smooth(), "TIFF"), "a.tif", ingest).astype(int)
    adobe = encode(smooth(), "JPEG", quality=100)
    assert b"Adobe" in adobe
    assert np.abs(decode(adobe, "a.jpg", ingest) - expected).max() <= 6
    # The same inks stored as they are, and the mark (its segment of 16 bytes) taken out.
    plain = encode(ImageChops.invert(smooth()), "JPEG", quality=100)
    mark = plain.index(b"\xff\xee")
    plain = plain[:mark] + plain[mark + 16 :]
    assert b"Adobe" not in plain
    assert np.abs(decode(plain, "a.jpg", ingest) - expected).max() <= 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_every_format_is_obeyed(kind: str, orientation: int) -> None:
    """What a camera stored turned or mirrored is shown as EXIF says (TIFF 6.0, tag 274)."""
    upright = np.zeros((16, 8, 3), np.uint8)
    upright[:8, :4] = 250  # bright at the top left
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright),
        7: upright.swapaxes(0, 1)[::-1, ::-1],
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encode(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif)
    found = read_upright(content, "a", RGB)
    assert found.size == (8, 16)
    pixels = np.asarray(found.convert("RGB")).astype(int)
    assert pixels[:7, :3].min() > 200 > 50 > max(pixels[9:].max(), pixels[:, 5:].max())


def test_a_phones_second_frame_is_no_picture() -> None:
    """A JPEG that carries a preview behind it (MPO) is the JPEG."""
    first = Image.fromarray(ramp())
    content = encode(first, "MPO", save_all=True, append_images=[first.rotate(180)], quality=95)
    image = read_upright(content, "a.jpg", GREY)
    assert image.format == "JPEG"
    assert np.abs(np.asarray(image).astype(int) - ramp()).max() <= 8


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
def test_damaged_bytes_are_left_out_or_read_but_never_stop_a_run(kind: str) -> None:
    """Whatever a decoder raises on altered bytes becomes a reason."""
    rng = np.random.default_rng(5)
    whole = encode(Image.fromarray(colours()), kind)
    for _ in range(60):
        content = bytearray(whole)
        for place in rng.integers(0, len(content), 4):
            content[place] = rng.integers(0, 256)
        with contextlib.suppress(UnusableError):
            decode(bytes(content[: rng.integers(1, len(content) + 1)]), "a", DEEP)


def test_a_text_bomb_in_a_png_is_left_out() -> None:
    """Text that unpacks to gigabytes is refused by the decoder and told as a reason."""
    info = PngInfo()
    info.add_text("note", "x" * 100_000_000, zip=True)
    content = encode(Image.fromarray(ramp()), "PNG", pnginfo=info)
    assert len(content) < 200_000
    with pytest.raises(UnusableError, match="content is none of|cannot be decoded"):
        decode(content, "a.png", GREY)


def _truncated(kind: str) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = encode(Image.fromarray(noise), kind)
    return whole[: len(whole) // 2]


def _frames() -> bytes:
    first = Image.fromarray(ramp())
    return encode(first, "TIFF", save_all=True, append_images=[first.rotate(90)])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"<html><body>404</body></html>", "content is none of BMP, JPEG, PNG, TIFF, WEBP"),
        (b"\0" * 128 + b"DICM" + b"\0" * 64, "DICOM"),
        (encode(Image.fromarray(ramp()), "GIF"), "content is none of"),
        (_truncated("JPEG"), "cannot be decoded to the end"),
        (_truncated("PNG"), "cannot be decoded to the end"),
        (_truncated("BMP"), "cannot be decoded to the end"),
        (_truncated("TIFF"), "content is none of|cannot be decoded to the end"),
        (_truncated("WEBP"), "content is none of|cannot be decoded to the end"),
        (png(np.full((8, 8), 7, np.uint8)), "every pixel has the value 7"),
        (_frames(), "holds 2 frames"),
        (encode(Image.fromarray(ramp().astype("float32")), "TIFF"), "pixels of mode F"),
    ],
    ids=[
        "empty",
        "html",
        "dicom",
        "gif",
        "cut jpeg",
        "cut png",
        "cut bmp",
        "cut tiff",
        "cut webp",
        "constant",
        "frames",
        "float",
    ],
)
def test_bad_files_are_left_out_with_their_reason(content: bytes, reason: str) -> None:
    """Each bad file is refused with a reason that a reader understands."""
    with pytest.raises(UnusableError, match=reason):
        decode(content, "a", GREY)


def test_bombs_are_refused_by_their_header() -> None:
    """A picture above the limit is refused before a pixel is unpacked."""
    content = encode(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(content) < 100_000
    with pytest.raises(UnusableError, match="more than 50 megapixels"):
        decode(content, "a", GREY)
    small = Ingest(image_side_px=8, channels=1, largest_megapixels=0.00005)
    with pytest.raises(UnusableError, match="8 x 8 is more than 5e-05 megapixels"):
        decode(png(ramp()), "a", small)


def test_fits() -> None:
    """Squash changes the aspect, crop keeps the middle, pad shows the background."""
    wide = np.zeros((8, 16), np.uint8)
    wide[:, 4:12] = np.linspace(100, 200, 8).round()
    middle = decode(png(wide), "a", Ingest(image_side_px=8, channels=1, fit="crop"))
    np.testing.assert_array_equal(middle[:, :, 0], wide[:, 4:12])
    padded = decode(
        png(wide + 50), "a", Ingest(image_side_px=8, channels=1, fit="pad", background=(9, 9, 9))
    )
    assert (padded[:2] == 9).all()
    assert (padded[6:] == 9).all()
    squashed = decode(png(wide), "a", Ingest(image_side_px=8, channels=1))
    assert squashed[0, 0, 0] < 20 < squashed[0, 4, 0]


@pytest.mark.parametrize("place", ["open", "load"])
def test_a_host_short_of_memory_leaves_no_picture_out(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run stops: which pictures are used must not depend on the machine."""
    content = png(ramp())

    def exhaust(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image if place == "open" else PngImageFile, place, exhaust)
    with pytest.raises(MemoryError):
        decode(content, "a", GREY)


@pytest.mark.parametrize(("colour", "told"), [((255, 0, 0), r"\(255, 0, 0\)"), ((7, 7, 7), "7")])
def test_a_picture_of_one_colour_is_refused(colour: tuple[int, ...], told: str) -> None:
    """Whatever the colour, also one whose channels differ."""
    pixels = np.full((8, 8, 3), colour, dtype=np.uint8)
    with pytest.raises(UnusableError, match=f"every pixel has the value {told}"):
        decode(png(pixels), "a", RGB)
