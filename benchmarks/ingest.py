"""Ingest beside bare decoding of the same files, and the memory of 20,000 pictures.

Speed: listing, hashing, decoding and storing against the barest loop over Pillow (open, RGB,
resize) on all cores, in turn and in one run, so that the machine's speed and load drop out of the
ratio. Memory: private memory (USS) of all processes while `kedro run` ingests 20,000 pictures.
"""

from __future__ import annotations

import functools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import yaml
from PIL import Image

from fairtrial.core.cores import usable_cores
from fairtrial.images.parameters import Ingest
from fairtrial.pipelines.ingest.images import decode_pictures
from fairtrial.storage.folders import ArraysDataset
from fairtrial.storage.raw import RawFolderDataset

PROJECT = Path(__file__).parents[1]
LABELS = ("cat", "dog")
SIDE_PX = 224
PHOTOS, PHOTO_PX = 2_000, (640, 480)
ROUNDS = 3
MANY, MANY_PX = 20_000, (256, 256)
GIGABYTE = 1e9


def draw_photo(folder: Path, size_px: tuple[int, int], number: int) -> None:
    """A JPEG that costs as much to decode as a photo: soft shapes under fine grain."""
    rng = np.random.default_rng(number)
    soft = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    pixels = np.asarray(soft.resize(size_px, Image.Resampling.BICUBIC)).astype(np.int16)
    grain = rng.integers(-12, 13, (*pixels.shape[:2], 1), dtype=np.int16)
    photo = Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    photo.save(folder / LABELS[number % 2] / f"{number:05d}.jpg", quality=85)


def draw_photos(folder: Path, count: int, size_px: tuple[int, int]) -> Path:
    """``count`` photos in a folder a class."""
    for label in LABELS:
        (folder / label).mkdir(parents=True)
    with ProcessPoolExecutor() as pool:
        list(pool.map(functools.partial(draw_photo, folder, size_px), range(count), chunksize=50))
    return folder


def decode_barely(path: Path) -> int:
    """The least that makes a file a square of pixels."""
    with Image.open(path) as image:
        square = image.convert("RGB").resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR)
    return int(np.asarray(square)[0, 0, 0])


def seconds_of(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def seconds_of_bare(pool: Executor, paths: Sequence[Path]) -> float:
    """Wall time of bare decoding on a pool that has started already."""
    return seconds_of(lambda: list(pool.map(decode_barely, paths, chunksize=10)))


def ingest(folder: Path, pack: Path) -> None:
    """What a run does with a folder: list and hash, decode, store."""
    raw = RawFolderDataset(filepath=str(folder)).load()
    _, pixels, _ = decode_pictures(raw, Ingest(image_side_px=SIDE_PX), synthetic=False)
    ArraysDataset(filepath=str(pack)).save(pixels)


def compare_speeds(folder: Path) -> None:
    """Print pictures a second of bare decoding and of ingest, and their ratio."""
    photos = draw_photos(folder / "photos", PHOTOS, PHOTO_PX)
    paths = sorted(photos.rglob("*.jpg"))
    bare, ours = [], []
    cores = usable_cores()
    with ProcessPoolExecutor(cores) as processes, ThreadPoolExecutor(cores) as threads:
        for pool in (processes, threads):
            seconds_of_bare(pool, paths)  # starts workers, fills the disk's cache
        for number in range(ROUNDS):
            bare.append(min(seconds_of_bare(pool, paths) for pool in (processes, threads)))
            pack = folder / f"pack_{number}"
            ours.append(seconds_of(functools.partial(ingest, photos, pack)))
            shutil.rmtree(pack)
    ratio = statistics.median(b / o for b, o in zip(bare, ours, strict=True))
    print(
        f"ingest, {PHOTOS} photos of {PHOTO_PX[0]} x {PHOTO_PX[1]}: "
        f"{PHOTOS / statistics.median(ours):.0f} pictures a second, bare decoding on {cores} cores "
        f"{PHOTOS / statistics.median(bare):.0f}: {ratio:.2f} of its speed"
    )


def write_conf(folder: Path, root: Path) -> Path:
    """A configuration with one study of the photos in ``root``, its outputs in ``folder``."""
    conf = folder / "conf"
    shutil.copytree(PROJECT / "conf" / "base", conf / "base")
    (conf / "local").mkdir()
    study = {
        "kind": "images",
        "arms": ["one", "other"],
        "blocks": {"folds": 2},
        "design": "blocked",
        "primary_metric": "accuracy",
    }
    values = {
        "ingest": {"root": str(root), "image_side_px": SIDE_PX},
        **{group: {} for group in ("split", "augment", "train", "evaluate")},
        "arms": {name: {"network": "residual"} for name in study["arms"]},
    }
    (conf / "local" / "globals.yml").write_text(f"workspace: {folder / 'data'}\n")
    (conf / "local" / "studies.yml").write_text(yaml.safe_dump({"many": study}))
    (conf / "local" / "parameters_many.yml").write_text(yaml.safe_dump({"many": values}))
    return conf


def private_bytes(process: psutil.Process) -> int:
    """USS of a process and all that it started."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().uss
        except psutil.NoSuchProcess:
            continue  # it ended between the two looks
    return total


def measure_memory(folder: Path) -> None:
    """Print the largest private memory of all processes during one ingest of many pictures."""
    root = draw_photos(folder / "many", MANY, MANY_PX)
    conf = write_conf(folder, root)
    command = [sys.executable, "-m", "kedro", "run", f"--conf-source={conf}", "--namespaces=many"]
    command += ["--pipelines=ingest", "--runner=fairtrial.storage.runner.SpawnRunner"]
    log = folder / "log"
    start = time.perf_counter()
    with log.open("w") as output:
        environment = {**os.environ, "DO_NOT_TRACK": "1"}
        run = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=output)
        process, largest = psutil.Process(run.pid), 0
        while run.poll() is None:
            largest = max(largest, private_bytes(process))
            time.sleep(0.1)
    if run.returncode:
        raise SystemExit(log.read_text())
    print(
        f"ingest of {MANY:,} pictures to {SIDE_PX} px: at most {largest / GIGABYTE:.2f} GB of "
        f"private memory (USS, all processes), {time.perf_counter() - start:.0f} s"
    )


def main() -> None:
    """Measure both in a folder that is removed."""
    with tempfile.TemporaryDirectory() as folder:
        compare_speeds(Path(folder))
        measure_memory(Path(folder))


if __name__ == "__main__":
    main()
