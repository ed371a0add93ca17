"""How far a training is: a bar with its metrics on a terminal, a few lines on a log elsewhere."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_LINES = 5

# What a bar has room for.
_SHOWN = {"loss": "loss", "valid_loss": "valid", "valid_accuracy": "accuracy"}

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
        with _bar(label, updates, done) as show:
            yield show
        return

    def write(made: int, measured: Mapping[str, float]) -> None:
        if made * _LINES // updates > (made - 1) * _LINES // updates:
            numbers = ", ".join(f"{key} {value:.4g}" for key, value in measured.items())
            log.info("%s: update %d of %d, %s", label, made, updates, numbers)

    yield write


def _on_terminal() -> bool:
    """Workers share one terminal: their bars would overwrite each other."""
    return sys.stderr.isatty() and multiprocessing.parent_process() is None


@contextlib.contextmanager
def _bar(label: str, updates: int, done: int) -> Iterator[Show]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[metrics]}"),
    )
    latest: dict[str, str] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=updates, completed=done, metrics="")

        def move(made: int, measured: Mapping[str, float]) -> None:
            for key in _SHOWN.keys() & measured.keys():
                latest[key] = f"{_SHOWN[key]} {measured[key]:.4g}"
            metrics = ", ".join(latest[key] for key in _SHOWN if key in latest)
            bar.update(task, completed=made, metrics=metrics)

        yield move
