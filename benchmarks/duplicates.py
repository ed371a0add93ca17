"""How many planted copies the search finds, beside a plain 64-bit difference hash.

Copies of real pictures (one of each photographed fish, X-rays without known duplicates) are turned,
mirrored, rescaled and recompressed; both methods search the same set. Then the copies that the data
sets themselves hold, and the time and memory of many pictures. The hash gets the largest distance
at which it makes no more false merges than the search, which no user could know. The search's own
thresholds were set on pictures of these same sets: its figures are in-sample, and say too much for
new data.

Run: python benchmarks/duplicates.py [FOLDER], the folder of real data laid out as its README says.
"""

from __future__ import annotations

import io
import os
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from fairtrial.core.records import Arrays
from fairtrial.images.parameters import Duplicates, Ingest
from fairtrial.images.splitting.duplicates import find_duplicates

PROJECT = Path(__file__).parents[1]
DATA = PROJECT.parent / "shared" / "data"

_SIDE = 64
_COPIES = 600
_MANY = 20_000


def plant_copy(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A copy, turned by a quarter or by up to 45 degrees or not, mirrored, rescaled, saved anew."""
    turn = rng.integers(3)
    if turn == 0:
        image = image.rotate(90 * int(rng.integers(1, 4)), expand=True)
    elif turn == 1:
        image = image.rotate(float(rng.uniform(-45, 45)), resample=Image.Resampling.BICUBIC)
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < 0.2:
        image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    scale = rng.uniform(0.4, 1.3)
    image = image.resize((round(image.width * scale), round(image.height * scale)))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(rng.integers(25, 91)))
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def read_originals(data: Path, every: int = 1) -> list[Image.Image]:
    """One picture of each photographed fish, and X-rays that are nobody's known duplicate."""
    fish = pd.read_csv(data / "fish" / "metadata.csv", dtype=str)
    xray = pd.read_csv(data / "xray" / "metadata.csv", dtype=str)
    files = [f"fish/{name}" for name in fish.groupby("source_group")["file"].first()]
    files += [f"xray/{name}" for name in xray.loc[xray["dup_group"].isna(), "file"]]
    return [Image.open(data / name).convert("RGB") for name in files[::every]]


def pack_of(images: list[Image.Image]) -> tuple[Arrays, pd.DataFrame]:
    """Pixels and manifest, as an ingest makes them."""
    items = [f"{index:05d}" for index in range(len(images))]
    pixels = np.stack([np.asarray(image.resize((_SIDE, _SIDE))) for image in images])
    ratios = [image.width / image.height for image in images]
    manifest = pd.DataFrame({"item_id": items, "aspect_ratio": ratios})
    return Arrays({"pixels": pixels}, {"items": items}), manifest


def pairs_by_rings(images: list[Image.Image]) -> np.ndarray:
    """Pairs that our search puts into one cluster, bool (N, N)."""
    pack, manifest = pack_of(images)
    found = find_duplicates(pack, manifest, Duplicates(), Ingest(image_side_px=_SIDE))
    clusters = np.arange(len(images))
    for item, cluster in zip(found["item_id"], found["cluster"], strict=True):
        clusters[int(item)] = int(cluster)
    same: np.ndarray = clusters[:, None] == clusters
    return same


def distances_by_hash(images: list[Image.Image]) -> np.ndarray:
    """Bits in which the 64-bit difference hashes of two pictures differ, int (N, N)."""
    small = [np.asarray(image.convert("L").resize((9, 8)), np.int16) for image in images]
    bits = np.stack([(pixels[:, 1:] > pixels[:, :-1]).ravel() for pixels in small])
    return np.stack([(bits != row).sum(1) for row in bits])


def compare(title: str, images: list[Image.Image], truth: np.ndarray) -> None:
    """Print recall and false merges of both methods over all pairs of pictures."""
    upper = np.triu_indices(len(truth), 1)
    same = (truth[:, None] == truth)[upper]
    print(f"{title}: {len(images)} pictures, {same.sum()} pairs of copies")
    rings = pairs_by_rings(images)[upper]
    _print_found("rings", rings, same)
    distances = distances_by_hash(images)[upper]
    allowed = (rings & ~same).sum()
    bits = max((b for b in range(65) if (~same & (distances <= b)).sum() <= allowed), default=0)
    _print_found(f"64-bit difference hash, at most {bits} bits", distances <= bits, same)


def _print_found(name: str, found: np.ndarray, same: np.ndarray) -> None:
    right, false = int((found & same).sum()), int((found & ~same).sum())
    print(
        f"  {name}: {right} found ({right / same.sum():.1%}), "
        f"false merges {false} ({false / max(found.sum(), 1):.1%})"
    )


def read_known(data: Path, kind: str, column: str) -> tuple[list[Image.Image], np.ndarray]:
    """All pictures of a data set with its own groups of copies; the others are alone."""
    table = pd.read_csv(data / kind / "metadata.csv", dtype=str)
    images = [Image.open(data / kind / name).convert("RGB") for name in table["file"]]
    groups = table[column].fillna(table["file"])
    return images, pd.factorize(groups)[0]


def time_many(images: list[Image.Image], rng: np.random.Generator) -> None:
    """Seconds and memory of a search among many pictures, varied from the originals."""
    pack, _ = pack_of(images)
    pixels = pack["pixels"][rng.integers(len(images), size=_MANY)]
    for picture in pixels:
        noise = rng.integers(-70, 71, (8, 8, 3)).repeat(_SIDE // 8, 0).repeat(_SIDE // 8, 1)
        picture[:] = np.clip(picture + noise, 0, 255)
    items = [f"{index:05d}" for index in range(_MANY)]
    manifest = pd.DataFrame({"item_id": items, "aspect_ratio": 1.0})
    many = Arrays({"pixels": pixels}, {"items": items})
    tracemalloc.start()
    start = time.perf_counter()
    find_duplicates(many, manifest, Duplicates(), Ingest(image_side_px=_SIDE))
    seconds = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(f"{_MANY} pictures: {seconds:.0f} s, at most {peak:.0f} MB beside the pictures")


def main() -> None:
    """Measure and print."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.getenv("FAIRTRIAL_REAL_DATA", DATA))
    if not (data / "fish" / "metadata.csv").is_file():
        print(f"duplicates: no real data at {data}; name its folder")
        return
    print("in-sample: the search's thresholds were set on pictures of these same sets")
    rng = np.random.default_rng(0)
    originals = read_originals(data)
    chosen = rng.integers(len(originals), size=_COPIES)
    copies = [plant_copy(originals[index], rng) for index in chosen]
    compare("planted", originals + copies, np.concatenate([np.arange(len(originals)), chosen]))
    compare("fish, source_group", *read_known(data, "fish", "source_group"))
    compare("X-rays, dup_group", *read_known(data, "xray", "dup_group"))
    time_many(originals, rng)


if __name__ == "__main__":
    main()
