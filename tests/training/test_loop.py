"""The training loop: counting, resuming, damage and divergence."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fairtrial.core.errors import StorageError
from fairtrial.training.loop import Diverged, read_checkpoint, train
from fairtrial.training.randomness import hidden_state, restore_hidden_state, torch_stream


class Line:
    """A linear model with dropout, fitted to noise of its own generator."""

    def __init__(self, stop_at: int | None = None, nan_at: int | None = None) -> None:
        self.generator = torch.Generator().manual_seed(5)
        self.weight = torch.zeros(8, requires_grad=True)
        self.optimizer = torch.optim.Adam([self.weight], lr=0.1)
        self.stop_at, self.nan_at = stop_at, nan_at

    def step(self, index: int) -> dict[str, float]:
        if index == self.stop_at:
            raise KeyboardInterrupt
        if index == self.nan_at:
            return {"loss": math.nan}
        x = torch.randn(4, 8, generator=self.generator)
        x = torch.nn.functional.dropout(x, 0.5)
        loss = ((x @ self.weight - 1) ** 2).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": np.float32(loss.item())}  # type: ignore[dict-item]

    def state(self) -> dict[str, Any]:
        return {
            "weight": self.weight.detach(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "hidden": hidden_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        with torch.no_grad():
            self.weight.copy_(state["weight"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])
        restore_hidden_state(state["hidden"])


def run(line: Line, checkpoint: Path | None, every: int = 3) -> list[dict[str, float]]:
    with torch_stream(9):
        return train(line, 20, checkpoint=checkpoint, checkpoint_every=every, label="a line")


@pytest.mark.parametrize("stop_at", [1, 3, 4, 11, 19])
def test_resume_is_bit_identical(tmp_path: Path, stop_at: int) -> None:
    """A training stopped at any update and resumed equals an unbroken one, dropout included."""
    whole, path = Line(), tmp_path / "line.ckpt"
    expected = run(whole, None)
    with pytest.raises(KeyboardInterrupt):
        run(Line(stop_at=stop_at), path)
    resumed = Line()
    assert run(resumed, path) == expected
    assert torch.equal(resumed.weight, whole.weight)
    assert not path.exists()


def test_hidden_generator_is_left_alone() -> None:
    """Training leaves torch's global generator as it found it."""
    before = torch.get_rng_state()
    run(Line(), None)
    assert torch.equal(before, torch.get_rng_state())


def test_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    """One flipped bit anywhere in a checkpoint is an error that names the file."""
    path = tmp_path / "line.ckpt"
    with pytest.raises(KeyboardInterrupt):
        run(Line(stop_at=10), path)
    whole = path.read_bytes()
    for position in np.random.default_rng(0).integers(0, len(whole), 40):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << int(position) % 8
        path.write_bytes(damaged)
        with pytest.raises(StorageError, match=r"line\.ckpt.*damaged"):
            run(Line(), path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError, match="damaged"):
        read_checkpoint(path)


def test_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    """A checkpoint does not continue a training of another name."""
    path = tmp_path / "line.ckpt"
    with pytest.raises(KeyboardInterrupt):
        run(Line(stop_at=10), path)
    with pytest.raises(StorageError, match="a checkpoint of another with 20 updates"):
        train(Line(), 20, checkpoint=path, checkpoint_every=3, label="another")


def test_divergence_is_an_error_with_its_history(tmp_path: Path) -> None:
    """A loss that is not a number ends the training, and no checkpoint stays behind."""
    path = tmp_path / "line.ckpt"
    with pytest.raises(Diverged, match="a line, update 8: expected finite") as caught:
        run(Line(nan_at=7), path)
    assert [row["update"] for row in caught.value.history] == list(range(1, 8))
    assert not path.exists()
