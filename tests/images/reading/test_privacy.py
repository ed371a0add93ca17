"""Who is on a picture stays in the picture's own file: a name is planted and looked for."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.images.reading.test_dicom import dicom
from tests.project import add_yaml, copy_conf, run_project

NAME, PATIENT = "Mustermann", "ID-4711"


def exif() -> Image.Exif:
    """Tags of a camera that name a person and a place."""
    found = Image.Exif()
    found[0x013B] = NAME  # artist
    found[0x010E] = f"{NAME} {PATIENT}"  # description
    found.get_ifd(0x8825)[29] = NAME  # GPS
    return found


def pictures() -> dict[str, bytes]:
    """Twelve pictures of two classes in four formats, each with the name in its metadata."""
    rng = np.random.default_rng(0)
    text = PngInfo()
    text.add_text("Patient", f"{NAME} {PATIENT}")
    text.add_itxt("XML:com.adobe.xmp", f"<x>{NAME}</x>")
    files = {}
    for label in "ab":
        for number in range(6):
            pixels = rng.integers(0, 256, (24, 24), dtype=np.uint8)
            image, buffer = Image.fromarray(pixels), io.BytesIO()
            kind = ("JPEG", "PNG", "TIFF", "DICOM")[number % 4]
            if kind == "DICOM":
                files[f"{label}/{number}.dcm"] = dicom(pixels.astype(np.uint16))
                continue
            image.save(buffer, kind, exif=exif(), **({"pnginfo": text} if kind == "PNG" else {}))
            files[f"{label}/{number}.{kind.lower()}"] = buffer.getvalue()
    assert all(NAME.encode() in content for content in files.values())
    rows = [f"{path},{path[0]},{NAME}-{path[2]}" for path in files]
    files["metadata.csv"] = "\n".join(["file,label,patient", *rows]).encode()
    return files


def test_no_name_of_a_person_leaves_the_raw_files(tmp_path: Path) -> None:
    """EXIF, PNG text, XMP, DICOM tags and patient columns stand in no output of an ingest."""
    for path, content in pictures().items():
        (tmp_path / "raw" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / path).write_bytes(content)
    conf = copy_conf(tmp_path)
    study = {"kind": "images", "arms": ["small", "large"], "blocks": {"folds": 2}, "chunk": 1}
    study |= {"design": "blocked", "primary_metric": "accuracy"}
    add_yaml(conf / "test" / "studies.yml", {"people": study})
    ingest = {"root": str(tmp_path / "raw"), "image_side_px": 32, "channels": 1}
    values = {
        "ingest": {**ingest, "group": ["patient"]},
        **{group: {} for group in ("split", "augment", "train", "evaluate")},
        "arms": {name: {"network": "residual"} for name in ("small", "large")},
    }
    add_yaml(conf / "test" / "parameters_people.yml", {"people": values})
    done = run_project(conf, "--pipelines=ingest", "--namespaces=people")
    outputs = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert {"manifest.parquet", "pixels.npy", "ingest_report.json"} <= {p.name for p in outputs}
    mark = re.compile(f"{NAME}|{PATIENT}".encode(), re.IGNORECASE)
    told = [done.stdout.encode(), done.stderr.encode()]
    assert not any(mark.search(text) for text in told)
    for path in outputs:
        assert not mark.search(path.read_bytes()), path
        if path.suffix == ".parquet":
            import pandas as pd

            # Its pages are compressed.
            assert not mark.search(pd.read_parquet(path).to_csv().encode()), path
