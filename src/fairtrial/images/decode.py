"""One picture file to 8-bit pixels: every format and depth either read right or refused."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

from fairtrial.core.errors import DataError
from fairtrial.images.parameters import Ingest

FORMATS = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")
SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

_MODE_OF = {1: "L", 3: "RGB"}
_EIGHT_BIT = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")
_DEEP = ("I", "I;16", "I;16L", "I;16B")
_RESAMPLING = Image.Resampling.BILINEAR


class UnusableError(Exception):
    """One picture that is left out; the text is the reason in the manifest."""


def decode(content: bytes, name: str, ingest: Ingest) -> np.ndarray:
    """Decode one file.

    Args:
        content: the file's bytes.
        name: its path, for messages.
        ingest: side, fit, channels, bit depth, background and size limit.

    Returns:
        uint8 (side, side, channels), upright, 0-255.

    Raises:
        UnusableError: this file cannot be used.
        DataError: its pixels have more than 8 bits and the parameters do not say how many.
    """
    return to_square(read_upright(content, name, ingest), name, ingest)


def read_upright(content: bytes, name: str, ingest: Ingest) -> Image.Image:
    """Read one file at its own size and depth, turned upright; arguments and Raises as `decode`."""
    with warnings.catch_warnings():
        # Pillow warns of what is checked here with the study's own limit.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = _open(content, ingest.largest_megapixels)
        _refuse_deep_colour(image, name, ingest)
        try:
            image.load()
        except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
            raise UnusableError(f"cannot be decoded to the end ({error})") from None
    return ImageOps.exif_transpose(image)


def to_square(image: Image.Image, name: str, ingest: Ingest) -> np.ndarray:
    """Fit an upright picture to the stored square; results and Raises as `decode`."""
    if image.mode in _DEEP:
        image = _scale_deep(image, name, ingest.bit_depth)
    flat = _flatten(image, ingest)
    pixels = np.asarray(_fit(flat, ingest), dtype=np.uint8)
    if pixels.min() == pixels.max():
        raise UnusableError(f"every pixel has the value {pixels.min()}")
    return pixels.reshape(ingest.image_side_px, ingest.image_side_px, ingest.channels)


def _open(content: bytes, largest_megapixels: float) -> Image.Image:
    """Read the header alone and check it."""
    if not content:
        raise UnusableError("the file is empty")
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise UnusableError(f"more than {largest_megapixels:g} megapixels") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise UnusableError(f"content is none of {', '.join(FORMATS)}") from None
    width, height = image.size
    if width * height > largest_megapixels * 1e6:
        raise UnusableError(f"{width} x {height} is more than {largest_megapixels:g} megapixels")
    frames = getattr(image, "n_frames", 1)
    if frames != 1:
        raise UnusableError(f"holds {frames} frames")
    if image.mode not in _EIGHT_BIT + _DEEP:
        raise UnusableError(f"pixels of mode {image.mode}")
    return image


def _refuse_deep_colour(image: Image.Image, name: str, ingest: Ingest) -> None:
    """Colour of 16 bits is read as its upper 8: right at full depth, black at 12 bits."""
    tiles = getattr(image, "tile", [])  # (codec, extent, offset, raw mode or a tuple with it)
    raw_modes = {str(part) for tile in tiles for part in np.ravel(np.array(tile[3], object))}
    deep = [mode for mode in raw_modes if ";16" in mode]
    if image.mode in _EIGHT_BIT and deep and ingest.bit_depth != 16:
        raise DataError(
            name, "8-bit grey or RGB", f"16-bit colour ({deep[0]})", "Set ingest.bit_depth: 16."
        )


def _scale_deep(image: Image.Image, name: str, depth: int | str | None) -> Image.Image:
    """Grey of more than 8 bits to 8 bits by its declared or real maximum."""
    values = np.asarray(image).astype(np.int64)
    largest = int(values.max())
    if depth is None:
        likely = next((bits for bits in (10, 12, 14, 16) if largest < 2**bits), 16)
        raise DataError(
            name,
            "8-bit grey or RGB",
            f"mode {image.mode} (max {largest})",
            f"Set ingest.bit_depth: {likely}, or maximum to scale each picture by its own.",
        )
    top = largest if depth == "maximum" else 2 ** int(depth) - 1
    if values.min() < 0 or largest > top:
        raise UnusableError(f"values from {values.min()} to {largest} do not fit {depth} bits")
    return Image.fromarray(np.round(values * (255 / max(top, 1))).astype(np.uint8))


def _flatten(image: Image.Image, ingest: Ingest) -> Image.Image:
    """Any 8-bit mode to grey or RGB, transparent pixels over the background."""
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, (*ingest.background, 255))
        image = Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
    elif image.mode in ("P", "PA"):
        image = image.convert("RGB")
    return image.convert(_MODE_OF[ingest.channels])


def _fit(image: Image.Image, ingest: Ingest) -> Image.Image:
    size = (ingest.image_side_px, ingest.image_side_px)
    if ingest.fit == "crop":
        return ImageOps.fit(image, size, _RESAMPLING)
    if ingest.fit == "pad":
        colour = ingest.background if image.mode == "RGB" else ingest.background[0]
        return ImageOps.pad(image, size, _RESAMPLING, color=colour)
    return image.resize(size, _RESAMPLING)
