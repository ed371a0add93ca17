"""One DICOM file to an 8-bit picture as a viewer shows it; of its header nothing is kept."""

from __future__ import annotations

import importlib
import io
from typing import Any

import numpy as np
from PIL import Image

from fairtrial.core.errors import ConfigError
from fairtrial.images.reading.refusals import UnusableError, check_pixels

SUFFIXES = (".dcm", ".dicom")

_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_GREY = ("MONOCHROME1", "MONOCHROME2")


def is_dicom(content: bytes) -> bool:
    """Whether the content bears DICOM's mark behind its preamble of 128 bytes."""
    return content[128:132] == b"DICM"


def check_extra(where: str) -> None:
    """Raise ConfigError if the library that reads DICOM is not installed."""
    try:
        importlib.import_module("pydicom")
    except ModuleNotFoundError:
        raise ConfigError(
            where,
            "the extra that reads DICOM",
            "pydicom is not installed",
            "Install it: pip install 'fairtrial[dicom]'.",
        ) from None


def read_dicom(content: bytes, name: str, largest_megapixels: float) -> Image.Image:
    """Read one DICOM file.

    Grey values pass the modality LUT or rescaling, then the VOI LUT or the first window; without
    either, the picture's own lowest and highest value become black and white. MONOCHROME1 is
    inverted.

    Args:
        content: the file's bytes.
        name: its path, for messages.
        largest_megapixels: pictures of more pixels are refused by their header.

    Returns:
        Grey or RGB picture of 8 bits.

    Raises:
        UnusableError: this file cannot be used, or is deflated.
        ConfigError: pydicom is not installed.

    Source: DICOM PS3.3 C.11.1 (modality LUT), C.11.2 (VOI LUT), C.7.6.3.1.2 (photometric
        interpretation).
    """
    check_extra(name)
    import pydicom
    from pydicom.pixels.utils import pixel_array
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    # pydicom inflates such a file whole, whatever its size becomes, before its header can be
    # checked. Looked for anywhere: a crafted file meta group may read in more than one way.
    if DeflatedExplicitVRLittleEndian.encode() in content:
        raise UnusableError(
            f"DICOM of the deflated transfer syntax ({DeflatedExplicitVRLittleEndian})"
        )
    # Damaged files may fail anywhere in the library, with anything; a host short of memory, which
    # says nothing of the file, is no such failure.
    try:
        header = pydicom.dcmread(io.BytesIO(content))
    except MemoryError:
        raise
    except Exception as error:
        # What cannot be parsed may be quoted by the library, and may name a person.
        reason = f"DICOM that cannot be decoded ({type(error).__name__} in its header)"
        raise UnusableError(reason) from None
    try:
        _check_header(header, largest_megapixels)
        pixels = pixel_array(header)
        values = _shown(pixels, header) if header.PhotometricInterpretation in _GREY else pixels
    except (UnusableError, MemoryError):
        raise
    except Exception as error:
        raise UnusableError(f"DICOM that cannot be decoded ({error})") from None
    picture = Image.fromarray(np.ascontiguousarray(values, dtype=np.uint8))
    picture.format = "DICOM"
    return picture


def _check_header(header: Any, largest_megapixels: float) -> None:
    frames = int(header.get("NumberOfFrames") or 1)
    if frames != 1:
        raise UnusableError(f"holds {frames} frames")
    if "PixelData" not in header:
        raise UnusableError("DICOM without a picture")
    check_pixels(int(header.Columns), int(header.Rows), largest_megapixels)
    kind = header.PhotometricInterpretation
    if kind not in _GREY and not (kind in _COLOUR and header.BitsAllocated == 8):
        raise UnusableError(f"DICOM of {kind} with {header.BitsAllocated} bits")
    if header.get("BurnedInAnnotation", "NO") == "YES":
        raise UnusableError("DICOM with text burned into its pixels, which may name a person")


def _shown(pixels: np.ndarray, header: Any) -> np.ndarray:
    """Stored values (H, W) of any integer type to shown ones, uint8 (H, W)."""
    from pydicom.pixels.processing import apply_modality_lut, apply_windowing

    values = apply_modality_lut(pixels, header)
    if header.get("VOILUTSequence"):
        seen, high = _look_up(values, header.VOILUTSequence[0])
        low = 0.0
    elif header.get("WindowCenter") is not None and header.get("WindowWidth") is not None:
        seen = apply_windowing(values, header)
        low, high = _window_range(header)
    else:
        seen = values
        low, high = float(values.min()), float(values.max())
    shares = (np.asarray(seen, np.float32) - low) / (high - low if high != low else 1.0)
    shown: np.ndarray = np.round(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    # Read as written: its lowest value is white.
    if header.PhotometricInterpretation == "MONOCHROME1":
        np.subtract(255, shown, out=shown)
    return shown


def _look_up(values: np.ndarray, table: Any) -> tuple[np.ndarray, float]:
    """Entries of a VOI LUT for ``values``, and the largest that an entry can be.

    pydicom 3.0 counts the entries of a table of 8 bits in 8 bits, so that 4,096 of them wrap.
    """
    entries, first, bits = (int(number) for number in table.LUTDescriptor)
    entries = entries or 2**16
    data = table.LUTData
    if isinstance(data, bytes):
        data = np.frombuffer(data, "u1" if len(data) < 2 * entries else "<u2")
    index = np.clip(np.rint(values).astype(np.int64) - first, 0, entries - 1)
    return np.asarray(data)[index], 2.0**bits - 1


def _window_range(header: Any) -> tuple[float, float]:
    """What the lowest and highest stored value become: a window is spread over this range."""
    if header.get("ModalityLUTSequence"):
        return 0.0, 2.0 ** int(header.ModalityLUTSequence[0].LUTDescriptor[2]) - 1
    bits = int(header.BitsStored)
    low = -(2.0 ** (bits - 1)) if header.PixelRepresentation else 0.0
    slope = float(header.get("RescaleSlope") or 1)
    intercept = float(header.get("RescaleIntercept") or 0)
    return low * slope + intercept, (low + 2.0**bits - 1) * slope + intercept
