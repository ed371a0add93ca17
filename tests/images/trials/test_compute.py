"""The compute plan of an arm: every way is timed, one is chosen for each use."""

from __future__ import annotations

import json

import pytest
import torch

from fairtrial.images.parameters import Arm, Train
from fairtrial.images.trials import compute
from fairtrial.images.trials.compute import measure_compute
from fairtrial.training.compute import Compute, ComputePlan
from tests.images.studies import tiny

TRAIN = Train(batch_size=4, device="cpu", compute="measured")


def test_a_plan_names_every_candidate_and_chooses_one_for_each_use() -> None:
    """Plain data: grouped networks try hybrid too, updates and predictions apart."""
    before = torch.get_num_threads()
    data = tiny()
    arm = Arm(network="mobilenet_v2", image_side_px=32)
    plan = measure_compute(data.pack, data.manifest, arm, TRAIN, "tiny mobile")
    assert json.loads(json.dumps(plan, allow_nan=False)) == plan
    found = [
        (row["use"], row["precision"], row["channels_last"]) for row in plan["pictures_per_second"]
    ]
    ways = [("fp32", False), ("fp32", True), ("bf16", True), ("hybrid", True)]
    assert found == [(use, *way) for use in ("train", "inference") for way in ways]
    assert all(row["value"] > 0 for row in plan["pictures_per_second"])
    read = ComputePlan.read(plan, torch.device("cpu"), "tiny.compute_plan__mobile")
    assert {read.train, read.inference} <= {Compute(*way) for way in ways}
    assert (read.threads, read.measured) == (1, True)
    # Updates in the recipe's batches, predictions in the feed's, as far as there are pictures.
    assert plan["batch"] == {"train": [4, 1, 32, 32], "inference": [48, 1, 32, 32]}
    assert torch.get_num_threads() == before


def test_updates_and_predictions_are_chosen_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fastest of each use is taken; a network without grouped convolutions has no hybrid."""
    speeds = iter([[4.0, 1.0, 2.0], [4.0, 3.0, 1.0]])
    monkeypatch.setattr(compute, "time_in_turn", lambda *_: next(speeds))
    data = tiny()
    arm = Arm(network="residual", image_side_px=32)
    plan = measure_compute(data.pack, data.manifest, arm, TRAIN, "tiny residual")
    read = ComputePlan.read(plan, torch.device("cpu"), "tiny.compute_plan__residual")
    assert read.train == Compute("fp32", channels_last=True)
    assert read.inference == Compute("bf16", channels_last=True)
