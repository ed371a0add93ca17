"""DICOM files: shown as a viewer shows them, or left out with the reason."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from fairtrial.core.errors import ConfigError
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.decode import decode, read_upright
from fairtrial.images.reading.pack import build_pack
from fairtrial.images.reading.refusals import UnusableError
from tests.images.support import MemoryFolder, whole

GREY = Ingest(image_side_px=8, channels=1)
# 12 bits, 8 x 8, from 0 to 4032.
RAMP = (np.arange(64) * 64).reshape(8, 8).astype(np.uint16)


def dicom(pixels: np.ndarray = RAMP, **tags: object) -> bytes:
    """One file of grey (H, W) or colour (H, W, 3) pixels; ``tags`` are set over the defaults."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data.SOPClassUID = SecondaryCaptureImageStorage
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID
    data.PatientName = "Mustermann^Erika"
    data.PatientID = "ID-4711"
    data.Rows, data.Columns = pixels.shape[:2]
    data.SamplesPerPixel = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.ndim == 3:
        data.PlanarConfiguration = 0
    data.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    data.BitsAllocated = 8 * pixels.dtype.itemsize
    data.BitsStored = 12 if pixels.dtype == np.uint16 else data.BitsAllocated
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    data.PixelData = pixels.tobytes()
    for name, value in tags.items():
        setattr(data, name, value)
    buffer = io.BytesIO()
    data.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def grey(content: bytes) -> np.ndarray:
    return decode(content, "a.dcm", GREY)[:, :, 0].astype(int)


def test_without_a_window_the_pictures_own_range_is_shown() -> None:
    """The lowest value is black and the highest white, as viewers do it."""
    np.testing.assert_array_equal(grey(dicom()), np.round(RAMP / 4032 * 255))


def test_a_window_is_spread_over_the_greys() -> None:
    """Centre 1000 and width 101: black up to 949, white from 1050 on (PS3.3 C.11.2.1.2.1)."""
    values = np.array([0, 949, 950, 975, 1000, 1049, 1050, 4095], np.uint16)
    found = grey(dicom(np.tile(values, (8, 1)), WindowCenter=1000, WindowWidth=101))
    expected = np.round(np.clip((values - 999.5) / 100 + 0.5, 0, 1) * 255)
    np.testing.assert_array_equal(found, np.tile(expected, (8, 1)))


def test_the_window_holds_for_rescaled_values() -> None:
    """Slope and intercept come first: a window in Hounsfield units fits stored values of a CT."""
    stored = dicom(RAMP, RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=401)
    expected = np.round(np.clip((RAMP - 1024.0 - 39.5) / 400 + 0.5, 0, 1) * 255)
    np.testing.assert_array_equal(grey(stored), expected)
    signed = dicom((RAMP.astype(np.int16) - 1024), BitsStored=16, HighBit=15)
    np.testing.assert_array_equal(grey(signed), np.round(RAMP / 4032 * 255))


def test_a_lookup_table_is_looked_up() -> None:
    """A VOI LUT counts before a window."""
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [4096, 0, 8])
    table.add_new("LUTData", "OW", b"")
    table["LUTData"].value = np.linspace(255, 0, 4096).round().astype("<u2").tobytes()
    found = grey(dicom(VOILUTSequence=Sequence([table]), WindowCenter=1, WindowWidth=2))
    np.testing.assert_array_equal(found, np.linspace(255, 0, 4096).round()[RAMP])


def test_monochrome1_is_inverted() -> None:
    """Where the lowest value is white, the picture comes out as it is seen."""
    inverted = grey(dicom(PhotometricInterpretation="MONOCHROME1"))
    np.testing.assert_array_equal(inverted, 255 - grey(dicom()))


def test_colour_is_read() -> None:
    """8-bit RGB comes back pixel by pixel."""
    colours = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    found = decode(dicom(colours), "a.dcm", Ingest(image_side_px=8))
    np.testing.assert_array_equal(found, colours)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (dicom(np.stack([RAMP, RAMP]).reshape(16, 8), NumberOfFrames=2, Rows=8), "holds 2 frames"),
        (dicom(Rows=9000, Columns=9000), "9000 x 9000 is more than 50 megapixels"),
        (dicom()[:-40], "DICOM that cannot be decoded"),
        (dicom()[:200], "DICOM without a picture"),
        (dicom(PhotometricInterpretation="PALETTE COLOR"), "DICOM of PALETTE COLOR with 16 bits"),
        (dicom(BurnedInAnnotation="YES"), "text burned into its pixels, which may name a person"),
        (dicom(WindowCenter=1, WindowWidth=0), "cannot be decoded .*Window Width must be greater"),
    ],
    ids=["frames", "bomb", "cut pixels", "cut header", "palette", "burned in", "window"],
)
def test_bad_files_are_left_out_with_their_reason(content: bytes, reason: str) -> None:
    """Each bad file is refused with a reason that a reader understands."""
    with pytest.raises(UnusableError, match=reason):
        decode(content, "a", GREY)


def test_a_report_without_a_picture_is_left_out() -> None:
    """DICOM holds documents too."""
    from pydicom import dcmread

    data = dcmread(io.BytesIO(dicom()))
    del data.PixelData
    buffer = io.BytesIO()
    data.save_as(buffer)
    with pytest.raises(UnusableError, match="DICOM without a picture"):
        decode(buffer.getvalue(), "a", GREY)


def test_a_deflated_file_is_left_out_before_it_is_inflated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bomb of zeros would take all memory before its header is seen."""
    import pydicom

    def never(*_: object) -> None:
        raise AssertionError

    data = pydicom.dcmread(io.BytesIO(dicom()))
    data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    buffer = io.BytesIO()
    data.save_as(buffer, enforce_file_format=True)
    monkeypatch.setattr(pydicom, "dcmread", never)
    with pytest.raises(UnusableError, match=r"deflated transfer syntax \(1\.2.*1\.99\)"):
        decode(buffer.getvalue(), "a", GREY)


def test_content_tells_dicom_and_not_the_suffix() -> None:
    """A DICOM file under another name is read, and told of."""
    assert read_upright(dicom(), "a.png", GREY).format == "DICOM"
    files = {f"{label}/1{suffix}": dicom(RAMP + n) for n, (label, suffix) in enumerate(
        [("a", ".png"), ("b", ".dcm")])}  # fmt: skip
    _, pack, report = build_pack(MemoryFolder(files), GREY, synthetic=False)
    whole(pack)
    assert "1 picture read by content, not by suffix: .png is DICOM (1)." in report["notes"]


def test_without_the_extra_the_first_message_tells_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is decoded before it is known that DICOM can be."""
    monkeypatch.setitem(sys.modules, "pydicom", None)
    raw = MemoryFolder({"a/1.dcm": dicom(), "b/1.dcm": dicom(RAMP + 1)})
    with pytest.raises(ConfigError, match=r"pip install 'fairtrial\[dicom\]'"):
        build_pack(raw, GREY, synthetic=False)


def test_words_of_the_header_are_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that cannot be parsed is left out with the kind of the failure alone."""

    def quote(_: object) -> None:
        raise ValueError("cannot read 'Mustermann^Erika'")

    monkeypatch.setattr("pydicom.dcmread", quote)
    with pytest.raises(UnusableError, match="ValueError in its header") as caught:
        grey(dicom())
    assert "Mustermann" not in str(caught.value)


@pytest.mark.parametrize("place", ["pydicom.dcmread", "pydicom.pixels.utils.pixel_array"])
def test_short_memory_leaves_no_picture_out(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """What the host lacks stops the ingest; the file is not called damaged."""

    def fail(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(place, fail)
    with pytest.raises(MemoryError):
        grey(dicom())
