"""What a tuner has tried: a book of trials that outlives a stopped run."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from fairtrial.core.errors import StorageError
from fairtrial.core.files import write_bytes
from fairtrial.images.parameters.tune import Dimension


@dataclass(frozen=True)
class Trial:
    """One recipe that was tried.

    Attributes:
        values: hyper-parameter -> value, plain JSON data.
        value: what it reached on validation pictures; none where that is no finite number.
        status: ok, diverged, failed where no learning rate was found, or infeasible where the
            values broke a rule together.
        note: why not ok, or that the same values were tried before.
        seconds: that it took.
    """

    values: Mapping[str, Any]
    value: float | None
    status: str
    note: str
    seconds: float


class TrialBook:
    """The trials of one tuner in one block, in their order.

    A stopped search starts from its first point again. As the same seed asks for the same points,
    the trials that were finished are read instead of trained, and the search goes on where it was.

    Args:
        path: file between runs; none keeps no file.
        label: the search's name on messages.
        higher_is_better: direction of the values.

    Raises:
        StorageError: the file is damaged.
    """

    def __init__(self, path: Path | None, label: str, higher_is_better: bool) -> None:
        self.trials: list[Trial] = []
        self._path, self._label, self._higher = path, label, higher_is_better
        self._stored = _read(path) if path is not None and path.exists() else []

    def attempt(self, values: Mapping[str, Any], carry_out: Callable[[], Trial]) -> Trial:
        """The next trial: read from the file, known from the same values, or carried out.

        Raises:
            StorageError: the file holds the trials of another search.
        """
        values = json.loads(json.dumps(values))
        place = len(self.trials)
        before = next((i for i, each in enumerate(self.trials) if each.values == values), None)
        if place < len(self._stored):
            trial = self._stored[place]
            if trial.values != values:
                raise StorageError(
                    str(self._path),
                    f"trial {place + 1} of {self._label} with {values}",
                    f"one with {dict(trial.values)}",
                    "Delete the file to start the search anew.",
                )
        elif before is not None:
            # Training is a function of recipe and block: it would come to the same again.
            note = f"the same as trial {before + 1}"
            trial = replace(self.trials[before], note=note, seconds=0.0)
        else:
            trial = carry_out()
        self.trials.append(trial)
        if self._path is not None and place >= len(self._stored):
            rows = [asdict(each) for each in self.trials]
            write_bytes(self._path, json.dumps(rows, allow_nan=False).encode())
        return trial

    def cost(self, trial: Trial) -> float:
        """What a tuner minimises: infinite for a trial without a value."""
        if trial.value is None:
            return math.inf
        return -trial.value if self._higher else trial.value

    def best(self) -> Trial | None:
        """The best trial, the first of equals; none where no trial has a value."""
        first = min(self.trials, key=self.cost, default=None)
        return None if first is None or first.value is None else first

    def table(self, tuner: str, block: str, search: Mapping[str, Dimension]) -> pd.DataFrame:
        """One row a trial: tuner, block, trial (from 1), status, value, best, note, seconds.

        ``best`` is the best value so far. Then one column a hyper-parameter (`Dimension.stored`).
        """
        value = np.array([math.nan if each.value is None else each.value for each in self.trials])
        better = np.fmax if self._higher else np.fmin
        table = pd.DataFrame(
            {
                "tuner": tuner,
                "block": block,
                "trial": np.arange(1, len(self.trials) + 1),
                "status": [trial.status for trial in self.trials],
                "value": value,
                "best": better.accumulate(value),
                "note": [trial.note for trial in self.trials],
                "seconds": [trial.seconds for trial in self.trials],
            }
        )
        for name, dimension in search.items():
            table[name] = [dimension.stored(trial.values[name]) for trial in self.trials]
        return table


def _read(path: Path) -> list[Trial]:
    try:
        return TypeAdapter(list[Trial]).validate_python(json.loads(path.read_bytes()))
    # Of JSON, of its text and of its shape alike.
    except ValueError as error:
        raise StorageError(
            str(path),
            "the trials of a search",
            f"a damaged file ({str(error).splitlines()[0]})",
            "Delete the file to start the search anew.",
        ) from None
