"""How far a training is: a bar with its metrics on a terminal, a few lines on a log elsewhere."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Mapping

from tqdm import tqdm

_LINES = 5

# What a bar has room for.
_SHOWN = ("loss", "valid_loss", "valid_accuracy")

Show = Callable[[int, Mapping[str, float]], None]


@contextlib.contextmanager
def progress(log: logging.Logger, label: str, updates: int, done: int) -> Iterator[Show]:
    """Follow a training.

    Args:
        log: where lines go; where it is silent, so is the bar.
        label: the trial's name.
        updates: updates in all.
        done: updates already made.

    Yields:
        A function to call after each update with their number and what was measured.
    """
    if log.isEnabledFor(logging.INFO) and _on_terminal():
        with tqdm(desc=label, total=updates, initial=done, unit="update", leave=False) as bar:
            latest: dict[str, str] = {}

            def move(made: int, measured: Mapping[str, float]) -> None:
                latest.update({key: f"{measured[key]:.4g}" for key in _SHOWN if key in measured})
                bar.set_postfix(latest, refresh=False)
                bar.update(made - bar.n)

            yield move
        return

    def write(made: int, measured: Mapping[str, float]) -> None:
        if made * _LINES // updates > (made - 1) * _LINES // updates:
            numbers = ", ".join(f"{key} {value:.4g}" for key, value in measured.items())
            log.info("%s: update %d of %d, %s", label, made, updates, numbers)

    yield write


def _on_terminal() -> bool:
    """Workers share one terminal: their bars would overwrite each other."""
    return sys.stderr.isatty() and multiprocessing.parent_process() is None
