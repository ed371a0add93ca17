"""Training at 224 px with the measured compute plan beside a plain loop over torchvision.

The plain loop is what a user writes: ImageFolder, a DataLoader with the best number of workers,
Adam, fp32. Both train the same networks from the same weights on the same batches of the same
pictures, on all cores, each in a process of its own, a few updates in turn, so that the machine's
speed and load drop out of the ratio. Pictures are the X-rays of FAIRTRIAL_REAL_DATA
(../shared/data), else drawn ones. One network alone: python benchmarks/training.py mobilenet_v2
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms

from fairtrial.core.cores import usable_cores
from fairtrial.images.items import items_of
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Ingest, Train, recipe_of
from fairtrial.images.reading.pack import build_pack
from fairtrial.images.samples.sets import draw_samples
from fairtrial.images.trials.classifier import Classifier, build_base, build_head
from fairtrial.images.trials.compute import measure_compute
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.trials.forward import estimate_batch_norm, predict_logits
from fairtrial.images.trials.trainee import ClassifierTrainee, Plan
from fairtrial.storage.folders import ArraysDataset
from fairtrial.storage.raw import RawFolderDataset
from fairtrial.storage.runner import prepare_environment
from fairtrial.training.compute import ComputePlan

PROJECT = Path(__file__).parents[1]
DATA = Path(os.environ.get("FAIRTRIAL_REAL_DATA", PROJECT.parent / "shared" / "data")) / "xray"
NAMES = ("densenet121", "efficientnet_b4", "mobilenet_v2", "resnet34")
CLASSES = ("covid", "normal")
SIDE_PX, BATCH, RATE = 224, 16, 3e-4
TRAINED, HELD_OUT = 96, 48
ROUNDS, UPDATES = 4, 3
CORES = usable_cores()
TARGET = 1.8


def lay_out_pictures(folder: Path) -> str:
    """A folder a class, with as many pictures as are used; returns what they are."""
    each = (TRAINED + HELD_OUT) // len(CLASSES)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
    if DATA.is_dir():
        for name in CLASSES:
            for path in sorted((DATA / name).iterdir())[:each]:
                shutil.copy(path, folder / name)
        return f"X-rays of {DATA}"
    drawn = draw_samples("chest_phantoms", 2 * each, SIDE_PX, np.random.default_rng(0))
    for path, content in drawn.items():
        if path.endswith(".png"):
            (folder / CLASSES["normal" in path] / Path(path).name).write_bytes(content)
    return "drawn phantoms"


def batches(n: int) -> list[np.ndarray]:
    """The rows of each update: the same for both."""
    generator = torch.Generator().manual_seed(0)
    epochs = -(-ROUNDS * UPDATES * BATCH // n)
    order = torch.cat([torch.randperm(n, generator=generator) for _ in range(epochs)]).numpy()
    return [order[k * BATCH : (k + 1) * BATCH] for k in range(ROUNDS * UPDATES)]


def deal(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on and rows held out, alike in every class."""
    order = np.argsort(np.random.default_rng(0).random(len(y)))
    return np.sort(order[:TRAINED]), np.sort(order[TRAINED:])


def make_model(name: str) -> Classifier:
    """The network with two classes, of the same weights wherever it is made."""
    network = NETWORKS.load(name)
    return Classifier(build_base(network, None, 1), build_head(network, 2, 0.0, 1))


class Plain:
    """The loop that a user writes over torchvision."""

    def __init__(self, name: str, pictures: Path, pack: Any, workers: int) -> None:
        classifier = make_model(name)
        self.model = nn.Sequential(classifier.base.network, classifier.head.linear)
        self.classifier = classifier
        to_input = transforms.Compose(
            [
                transforms.Resize((SIDE_PX, SIDE_PX)),
                transforms.ToTensor(),
                transforms.Normalize(NETWORKS.load(name).mean, NETWORKS.load(name).std),
            ]
        )
        data = datasets.ImageFolder(str(pictures), to_input)
        train, _ = deal(pack.y)
        rows = [int(row) for batch in batches(TRAINED) for row in train[batch]]
        loader = DataLoader(Subset(data, rows), batch_size=BATCH, num_workers=workers)
        self.loader = iter(loader)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=RATE)
        self.loss = nn.CrossEntropyLoss()

    def train(self, updates: int) -> list[float]:
        """Losses of a few more updates."""
        self.model.train()
        losses = []
        for _ in range(updates):
            images, labels = next(self.loader)
            self.optimizer.zero_grad()
            loss = self.loss(self.model(images), labels)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return losses


class Pack:
    """The stored pixels of the pictures, opened as a run opens them."""

    def __init__(self, folder: Path) -> None:
        self.manifest, self.arrays = read_pack(folder)
        self.y = items_of(self.arrays, self.manifest).y


def read_pack(folder: Path) -> tuple[Any, Any]:
    """Manifest and memory-mapped pixels of a folder of pictures, stored beside it."""
    raw = RawFolderDataset(filepath=str(folder)).load()
    manifest, stream, _ = build_pack(raw, Ingest(image_side_px=SIDE_PX, channels=1), False)
    store = ArraysDataset(filepath=str(Path(tempfile.mkdtemp(dir=folder.parent)) / "pack"))
    store.save(stream)
    return manifest, store.load()


class Ours:
    """A trial of this project, computed as measured."""

    def __init__(self, name: str, pack: Pack, workers: int) -> None:
        arm = Arm(network=name)
        train = Train(
            batch_size=BATCH,
            learning_rate=RATE,
            schedule="constant",
            compute="measured",
            device="cpu",
            threads=CORES,
        )
        started = time.perf_counter()
        stored = measure_compute(pack.arrays, pack.manifest, arm, train, name)
        self.measuring = time.perf_counter() - started
        self.plan = ComputePlan.read(stored, torch.device("cpu"), name)
        self.classifier = make_model(name)
        if self.plan.train.channels_last:
            self.classifier.to(memory_format=torch.channels_last)
        rows, held_out = deal(pack.y)
        precisions = self.plan.train.precision, self.plan.inference.precision
        plan = Plan(recipe_of(arm, train), 1, False, *precisions)
        feed = Pictures(pack.arrays, SIDE_PX, torch.device("cpu"))
        self.trainee = ClassifierTrainee(
            self.classifier, feed, pack.y, rows, held_out, plan, batch_seed=0, variation_seed=0
        )
        self.done = 0

    def train(self, updates: int) -> list[float]:
        """Losses of a few more updates."""
        losses = [self.trainee.update(self.done + index) for index in range(updates)]
        self.done += updates
        return losses


def held_out_accuracy(classifier: Classifier, pack: Pack) -> tuple[float, float]:
    """Loss and accuracy on held-out pictures, in fp32 for both.

    So few updates leave running statistics behind: they are estimated anew for both.
    """
    train, rows = deal(pack.y)
    feed = Pictures(pack.arrays, SIDE_PX, torch.device("cpu"))
    classifier.to(memory_format=torch.channels_last)
    estimate_batch_norm(classifier, feed, train)
    logits, y = predict_logits(classifier, feed, rows), torch.from_numpy(pack.y[rows])
    loss = nn.functional.cross_entropy(logits, y).item()
    return loss, (logits.argmax(1) == y).double().mean().item()


def serve(end: Connection, ours: bool, pictures: Path) -> None:
    """A process that trains when it is told to."""
    torch.set_num_threads(CORES)
    pack = Pack(pictures)
    trial: Any = None
    while True:
        try:
            command, value = end.recv()
        except EOFError:
            return
        if command == "start":
            name, workers = value
            trial = Ours(name, pack, workers) if ours else Plain(name, pictures, pack, workers)
            end.send((trial.plan, trial.measuring) if ours else None)
        elif command == "train":
            started = time.perf_counter()
            losses = trial.train(value)
            end.send((time.perf_counter() - started, losses))
        elif command == "test":
            end.send(held_out_accuracy(trial.classifier, pack))


@contextlib.contextmanager
def process(ours: bool, pictures: Path) -> Iterator[Connection]:
    """The line to a spawned process with the environment as it is now; it ends with the block."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=serve, args=(there, ours, pictures))
    child.start()
    # The child holds the other end: without it, waiting for a dead child would never end.
    there.close()
    try:
        yield here
    finally:
        here.close()
        child.join()


def ask(end: Connection, command: str, value: object = None) -> Any:
    """Send a command and wait for its answer."""
    end.send((command, value))
    return end.recv()


def choose_workers(plain: Connection) -> int:
    """The number of the DataLoader's workers with which the plain loop is fastest here."""
    seconds = {}
    for workers in (0, 1, CORES):
        ask(plain, "start", (NAMES[2], workers))
        ask(plain, "train", 1)
        seconds[workers] = ask(plain, "train", UPDATES)[0]
    return min(seconds, key=lambda workers: seconds[workers])


def compare(name: str, plain: Connection, ours: Connection, workers: int) -> float:
    """Print one network's line; returns how many times faster ours is."""
    plan, measuring = ask(ours, "start", (name, 0))
    ask(plain, "start", (name, workers))
    seconds: dict[str, list[float]] = {"plain": [], "ours": []}
    losses: dict[str, list[float]] = {"plain": [], "ours": []}
    for _ in range(ROUNDS):
        for who, end in (("plain", plain), ("ours", ours)):
            spent, found = ask(end, "train", UPDATES)
            seconds[who].append(spent)
            losses[who] += found
    ratios = [a / b for a, b in zip(seconds["plain"], seconds["ours"], strict=True)]
    # The first round warms both up.
    ratio = statistics.median(ratios[1:])
    speed = {w: UPDATES * BATCH / statistics.median(s[1:]) for w, s in seconds.items()}
    gap = max(abs(a - b) for a, b in zip(losses["plain"], losses["ours"], strict=True))
    tests = [ask(end, "test") for end in (plain, ours)]
    way = f"{plan.train.precision}{', channels last' if plan.train.channels_last else ''}"
    print(
        f"{name}: {speed['ours']:.1f} pictures/s ({way}), plain {speed['plain']:.1f}: "
        f"{ratio:.2f} times. Losses of the same updates differ by {gap:.3f} at most; held out: "
        f"loss {tests[1][0]:.3f}, plain {tests[0][0]:.3f}, accuracy {tests[1][1]:.2f}, plain "
        f"{tests[0][1]:.2f}. Measuring took {measuring:.0f} s, once a study.",
        flush=True,
    )
    return ratio


def has_bf16() -> bool:
    """Whether the processor has units for bf16."""
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    return "bf16" in flags


def main() -> None:
    """Compare all networks, or those named, and print the geometric mean."""
    names = sys.argv[1:] or NAMES
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder) / "pictures"
        source = lay_out_pictures(pictures)
        with contextlib.ExitStack() as stack:
            plain = stack.enter_context(process(False, pictures))
            # What the runner gives its workers.
            prepare_environment()
            ours = stack.enter_context(process(True, pictures))
            workers = choose_workers(plain)
            print(
                f"{TRAINED} {source}, {SIDE_PX} px, batches of {BATCH}, {ROUNDS * UPDATES} updates,"
                f" {CORES} threads; the plain loop with {workers} workers"
                f"{'' if has_bf16() else '; this processor has no bf16 units'}",
                flush=True,
            )
            ratios = [compare(name, plain, ours, workers) for name in names]
    mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
    print(
        f"geometric mean {mean:.2f} times (target {TARGET}), least {min(ratios):.2f} (target 1.0)"
    )


if __name__ == "__main__":
    main()
