"""Timing in turn, the choice of the fastest, and what a plan says of itself."""

from __future__ import annotations

import pytest
import torch

from fairtrial.core.errors import StorageError
from fairtrial.training.compute import Compute, ComputePlan, choose_fastest, time_in_turn
from fairtrial.training.device import device_name

CPU = torch.device("cpu")


def test_candidates_are_timed_in_turn_after_a_warm_up() -> None:
    """Each round calls every candidate once; the first round is not timed."""
    calls: list[str] = []
    found = time_in_turn(
        [lambda: calls.append("a"), lambda: calls.append("b")], torch.device("cpu"), rounds=3
    )
    assert calls == ["a", "b"] * 4
    assert len(found) == 2
    assert min(found) >= 0


def test_the_plainer_is_taken_unless_another_is_clearly_faster() -> None:
    """Five percent are noise; what comes first is the plainest."""
    assert choose_fastest([1.0, 0.97, 1.2]) == 0
    assert choose_fastest([1.0, 0.8, 0.79]) == 1
    assert choose_fastest([1.0, 0.8, 0.5]) == 2


def test_a_plan_survives_being_stored() -> None:
    """What is read back is the plan; its description names predictions first."""
    plan = ComputePlan(Compute("hybrid", channels_last=True), Compute("bf16"), 2, measured=True)
    described = plan.describe()
    assert described == {
        "precision": "bf16",
        "channels_last": False,
        "trained_with": {"precision": "hybrid", "channels_last": True},
        "threads": 2,
        "compute": "measured",
    }
    stored = {
        "train": described["trained_with"],
        "inference": {"precision": "bf16", "channels_last": False},
        "threads": 2,
        "device": device_name(CPU),
        "torch": "2",
    }
    assert ComputePlan.read(stored, CPU, "xray.compute_plan__wide") == plan


def test_a_plan_of_another_device_is_refused() -> None:
    """What was fastest elsewhere says nothing here: the error names the dataset and the remedy."""
    way = {"precision": "bf16", "channels_last": False}
    stored = {"train": way, "inference": way, "threads": 1, "device": "another card"}
    with pytest.raises(StorageError, match=r"wide: .* found another card\. Remove .* anew"):
        ComputePlan.read(stored, CPU, "xray.compute_plan__wide")
