"""A study of frozen bases with features computed once, against running the base in every epoch.

Four networks, five folds, twenty-five epochs, in full; the pictures are few and small, so that the
plain loop ends within minutes. Both do the same work on one thread in one process: the same random
weights, splits, batches and heads, so that they must end at the same probabilities.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from fairtrial.core.records import Arrays
from fairtrial.core.study import Blocks
from fairtrial.images.items import items_of, rows_by_role
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Augment, Split, Train
from fairtrial.images.samples.chest import draw_chest
from fairtrial.images.splitting.splits import split_items
from fairtrial.images.trials.bank import cache_features
from fairtrial.images.trials.classifier import build_base, build_head
from fairtrial.images.trials.predict import predict_trials
from fairtrial.images.trials.train import Trials, train_trials
from fairtrial.training.randomness import torch_stream

FOUR = ("densenet121", "efficientnet_b4", "mobilenet_v2", "resnet34")
PICTURES, SIDE_PX = 80, 48
BLOCKS = Blocks(folds=5).names()
SETTINGS = {"epochs": 25, "batch_size": 16, "learning_rate": 1e-3, "schedule": "constant"}


@dataclass(frozen=True)
class Study:
    """Pictures, their labels and their folds."""

    pack: Arrays
    manifest: pd.DataFrame
    splits: pd.DataFrame


def draw_study() -> Study:
    """Chest phantoms of two classes."""
    rng = np.random.default_rng(0)
    ids = [f"{index:03d}.png" for index in range(PICTURES)]
    ill = np.arange(PICTURES) % 2
    pixels = np.stack([draw_chest(bool(which), 1, SIDE_PX, rng)[0] for which in ill])
    manifest = pd.DataFrame(
        {
            "item_id": ids,
            "label": np.where(ill, "covid", "normal"),
            "group": ids,
            "source": "",
            "split": "",
            "excluded": "",
        }
    )
    described = {"items": ids, "channels": 1, "image_side_px": SIDE_PX}
    pack = Arrays({"pixels": pixels[..., None]}, described)
    return Study(pack, manifest, split_items(manifest, Split(), "bench", len(BLOCKS), 0))


def write_weights(name: str, folder: Path) -> None:
    """Random weights of a network as a file, for both sides to load."""
    network = NETWORKS.load(name)
    with torch_stream(7):
        whole = network.build()
    torch.save(whole.state_dict(), folder / f"{network.weights_stem}-bench.pth")


def train_cached(study: Study, trials: Trials) -> np.ndarray:
    """Probabilities of every fold's test items, float64 (N, 2): the base sees a picture once."""
    bank = cache_features(study.pack, None, trials.recipe, trials.train, "bench")
    models, _ = train_trials(trials, bank, None, study.manifest, study.splits, None)
    found = predict_trials(bank, models, study.manifest, study.splits, "cpu")
    order = np.argsort(found["item_id"][found["split"] == "test"])
    return np.array(found["probabilities"][found["split"] == "test"][order])


def train_plain(study: Study, trials: Trials, weights: Path) -> np.ndarray:
    """The same by a plain loop, whose base sees every picture of every batch anew."""
    pixels = torch.from_numpy(study.pack["pixels"]).permute(0, 3, 1, 2).float() / 255
    items = items_of(study.pack, study.manifest)
    y = torch.from_numpy(items.y)
    network = NETWORKS.load(trials.recipe.network)
    probabilities = np.empty((PICTURES, 2))
    for block in trials.blocks:
        roles = rows_by_role(items, study.splits, block)
        train, valid, test = (torch.from_numpy(roles[role]) for role in ("train", "valid", "test"))
        base = build_base(network, weights).eval().requires_grad_(False)
        head = build_head(network, 2, 0.0, trials.stream(block, "head"))
        head.fit(base(pixels[train]))
        adam = torch.optim.Adam(head.parameters(), trials.train.learning_rate, fused=True)
        shuffle = torch.Generator().manual_seed(trials.stream(block, "batches"))
        least, best = float("inf"), head.state_dict()
        for _ in range(trials.train.epochs):
            order = train[torch.randperm(len(train), generator=shuffle)]
            size = trials.train.batch_size
            for start in range(0, len(order) - size + 1, size):
                rows = order[start : start + size]
                loss = functional.cross_entropy(head(base(pixels[rows])), y[rows])
                adam.zero_grad()
                loss.backward()
                adam.step()
            with torch.no_grad():
                loss = functional.cross_entropy(head(base(pixels[valid])), y[valid])
            if loss < least:
                least, best = loss, {key: value.clone() for key, value in head.state_dict().items()}
        head.load_state_dict(best)
        with torch.no_grad():
            probabilities[test] = torch.softmax(head(base(pixels[test])).double(), dim=1)
    return probabilities


def main() -> None:
    """Print seconds, their ratio and both accuracies of each network and of the whole study."""
    torch.set_num_threads(1)
    study = draw_study()
    y = items_of(study.pack, study.manifest).y
    seconds = np.zeros(2)
    print(f"4 frozen networks x 5 folds x 25 epochs, {PICTURES} pictures of {SIDE_PX} px, 1 thread")
    with tempfile.TemporaryDirectory() as folder:
        for name in FOUR:
            write_weights(name, Path(folder))
            arm = Arm(network=name, init="frozen", augment="none")
            train = Train(**SETTINGS, device="cpu", weights_dir=folder)
            trials = Trials("bench", name, BLOCKS, 0, arm, train, Augment())
            (weights,) = Path(folder).glob(f"{NETWORKS.load(name).weights_stem}-*")
            start = time.perf_counter()
            cached = train_cached(study, trials)
            middle = time.perf_counter()
            plain = train_plain(study, trials, weights)
            took = np.array([middle - start, time.perf_counter() - middle])
            seconds += took
            accuracy = [(found.argmax(1) == y).mean() for found in (cached, plain)]
            print(
                f"{name}: cached {took[0]:.1f} s, each epoch {took[1]:.1f} s: "
                f"{took[1] / took[0]:.0f} times; accuracy {accuracy[0]:.3f} and {accuracy[1]:.3f}, "
                f"largest gap of probabilities {np.abs(cached - plain).max():.0e}"
            )
    print(f"all: cached {seconds[0]:.1f} s, each epoch {seconds[1]:.1f} s", end=": ")
    print(f"{seconds[1] / seconds[0]:.0f} times")


if __name__ == "__main__":
    main()
