"""One picture file to 8-bit pixels: every format and depth either read right or refused."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageChops, ImageOps

from fairtrial.core.errors import DataError
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading import dicom
from fairtrial.images.reading.refusals import UnusableError, check_pixels

FORMATS = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")

# Suffix -> format that it promises. The content decides.
FORMAT_OF = {
    ".bmp": "BMP",
    ".jpeg": "JPEG",
    ".jpg": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
    **dict.fromkeys(dicom.SUFFIXES, "DICOM"),
}
SUFFIXES = tuple(FORMAT_OF)

_MODE_OF = {1: "L", 3: "RGB"}
_EIGHT_BIT = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")
_DEEP = ("I", "I;16", "I;16L", "I;16B")
_RESAMPLING = Image.Resampling.BILINEAR


@contextmanager
def quiet_decoding() -> Iterator[None]:
    """Silence the decoders' warnings: a picture is used or left out with a reason.

    Python keeps one list of filters a process, so this stands around threads, never in them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", module=r"PIL\.|pydicom\.")
        yield


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
        ConfigError: it is DICOM and pydicom is not installed.
    """
    with quiet_decoding():
        return to_square(read_upright(content, name, ingest), name, ingest)


def read_upright(content: bytes, name: str, ingest: Ingest) -> Image.Image:
    """Read one file at its own size and depth, turned upright; arguments and Raises as `decode`.

    ``format`` of the result is the content's, whatever the suffix says.
    """
    if not content:
        raise UnusableError("the file is empty")
    if dicom.is_dicom(content):
        return dicom.read_dicom(content, name, ingest.largest_megapixels)
    image = _open(content, ingest.largest_megapixels)
    _refuse_deep_colour(image, name, ingest)
    try:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
    # A host short of memory says nothing of the file.
    except MemoryError:
        raise
    # Damaged bytes may raise anything in a decoder; the file is left out and the reason told.
    except Exception as error:
        raise UnusableError(f"cannot be decoded to the end ({error})") from None
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        # Pillow takes the inks of every JPEG for inverted, as Adobe's are.
        image = ImageChops.invert(image)
        image.format = "JPEG"
    return image


def to_square(image: Image.Image, name: str, ingest: Ingest) -> np.ndarray:
    """Fit an upright picture to the stored square; results and Raises as `decode`."""
    if image.mode in _DEEP:
        image = _scale_deep(image, name, ingest.bit_depth)
    flat = _flatten(image, ingest)
    pixels = np.asarray(_fit(flat, ingest), dtype=np.uint8)
    pixels = pixels.reshape(ingest.image_side_px, ingest.image_side_px, ingest.channels)
    if pixels.tobytes() == pixels[0, 0].tobytes() * ingest.image_side_px**2:
        colour = pixels[0, 0].tolist()
        value = colour[0] if len(set(colour)) == 1 else tuple(colour)
        raise UnusableError(f"every pixel has the value {value}")
    return pixels


def _open(content: bytes, largest_megapixels: float) -> Image.Image:
    """Read the header alone and check it."""
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        # Phones append a preview or a depth map to a JPEG; its first frame is the picture.
        frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    except Image.DecompressionBombError:
        own = 2e-6 * (Image.MAX_IMAGE_PIXELS or 0)  # Pillow refuses what exceeds twice its limit
        raise UnusableError(f"more than {min(largest_megapixels, own):.4g} megapixels") from None
    except MemoryError:
        raise
    # As above: a damaged header may raise anything.
    except Exception:
        raise UnusableError(f"content is none of {', '.join(FORMATS)}") from None
    check_pixels(*image.size, largest_megapixels)
    if frames != 1:
        raise UnusableError(f"holds {frames} frames")
    if image.mode not in _EIGHT_BIT + _DEEP:
        raise UnusableError(f"pixels of mode {image.mode}")
    if image.format == "MPO":
        image.format = "JPEG"
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
    values = np.asarray(image)
    smallest, largest = int(values.min()), int(values.max())
    if depth is None:
        likely = next((bits for bits in (10, 12, 14, 16) if largest < 2**bits), 16)
        raise DataError(
            name,
            "8-bit grey or RGB",
            f"mode {image.mode} (max {largest})",
            f"Set ingest.bit_depth: {likely}, or maximum to scale each picture by its own.",
        )
    top = largest if depth == "maximum" else 2 ** int(depth) - 1
    if smallest < 0 or largest > top:
        raise UnusableError(f"values from {smallest} to {largest} do not fit {depth} bits")
    # Half the memory of float64, and no value of 16 bits is rounded to another grey by it.
    scaled = np.multiply(values, 255 / max(top, 1), dtype=np.float32)
    return Image.fromarray(np.round(scaled, out=scaled).astype(np.uint8))


def _flatten(image: Image.Image, ingest: Ingest) -> Image.Image:
    """Any 8-bit mode to grey or RGB, transparent pixels over the background."""
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, (*ingest.background, 255))
        image = Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
    elif image.mode in ("P", "PA"):
        image = image.convert("RGB")
    wanted = _MODE_OF[ingest.channels]
    return image if image.mode == wanted else image.convert(wanted)


def _fit(image: Image.Image, ingest: Ingest) -> Image.Image:
    size = (ingest.image_side_px, ingest.image_side_px)
    if ingest.fit == "crop":
        return ImageOps.fit(image, size, _RESAMPLING)
    if ingest.fit == "pad":
        colour = ingest.background if image.mode == "RGB" else ingest.background[0]
        return ImageOps.pad(image, size, _RESAMPLING, color=colour)
    return image.resize(size, _RESAMPLING)
