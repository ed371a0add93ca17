"""Randomness as an explicit argument: one root seed, one named child stream a use.

A stream depends on the root seed and on its name alone. Adding an arm, a block or a study, or
changing the size of a chunk, therefore never moves the numbers of another one. Arms of one block
share a stream when its name leaves the arm out.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def stream_seed(seed: int, *names: str | int) -> int:
    """Seed of the named child stream.

    Args:
        seed: the root seed, any integer.
        names: path of the stream, e.g. ``("xray", "fold_0", "initial_weights")``.

    Returns:
        An integer in [0, 2**63), fit for ``torch.Generator.manual_seed`` as well.
    """
    # Length prefixes keep ("a", "bc") and ("ab", "c") apart; the type keeps 1 and "1" apart.
    parts = [f"{type(part).__name__}:{len(str(part))}:{part}" for part in (seed, *names)]
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Generator of the named child stream (numpy PCG64). Arguments as in `stream_seed`."""
    import numpy as np

    return np.random.default_rng(stream_seed(seed, *names))
