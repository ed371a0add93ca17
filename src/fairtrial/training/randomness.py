"""The generators behind torch layers that take none of their own, such as dropout."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def torch_stream(seed: int) -> Iterator[None]:
    """Seed torch's hidden generators inside the block; outside it they stay as they were.

    Args:
        seed: seed of a named stream, in [0, 2**63).
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def hidden_state() -> dict[str, torch.Tensor]:
    """State of torch's hidden generators, for a checkpoint."""
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def restore_hidden_state(state: dict[str, torch.Tensor]) -> None:
    """Put torch's hidden generators back to what `hidden_state` gave."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])
