"""Parameters of a study whose arms are tuners: one search, the same for all of them."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Count, Flag, Parameters, Real
from fairtrial.images.parameters.arm import Arm
from fairtrial.images.parameters.augment import Augment
from fairtrial.images.parameters.evaluate import Evaluate
from fairtrial.images.parameters.ingest import Ingest
from fairtrial.images.parameters.split import Split
from fairtrial.images.parameters.train import Train
from fairtrial.optimizers.recipe import Recipe


class Dimension(Parameters):
    """Where one hyper-parameter is looked for: a range, or a list of choices.

    Args:
        low, high: ends of the range, both included.
        log: evenly over the magnitudes of the range instead of its values.
        integer: whole numbers only.
        choices: values of any type that the hyper-parameter takes; their order is kept.
    """

    low: Real | None = None
    high: Real | None = None
    log: Flag = False
    integer: Flag = False
    choices: Annotated[tuple[Any, ...], Field(min_length=2)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Dimension:
        if self.choices is not None:
            if self.low is not None or self.high is not None or self.log or self.integer:
                raise ValueError("choices alone, or a range of low and high")
            if any(value in self.choices[:place] for place, value in enumerate(self.choices)):
                raise ValueError("choices that differ")
            return self
        if self.low is None or self.high is None:
            raise ValueError("low and high, or choices")
        if not self.low < self.high:
            raise ValueError("low below high")
        if self.log and self.low <= 0:
            raise ValueError("low above 0 with log: true")
        if self.integer and not (self.low.is_integer() and self.high.is_integer()):
            raise ValueError("whole numbers as low and high with integer: true")
        return self

    def value(self, place: float) -> Any:
        """The value at ``place`` in [0, 1]: the lower end or first choice at 0.

        Whole numbers and choices take equal parts of [0, 1] (of the magnitudes with ``log``), so
        that an optimiser of real variables can move among them. Real values have six digits: what
        a table shows is what was tried.
        """
        if self.choices is not None:
            return self.choices[min(int(place * len(self.choices)), len(self.choices) - 1)]
        low, high = float(self.low or 0), float(self.high or 0)
        if self.integer:
            # Each whole number is the middle of its own step.
            low, high = low - 0.5, high + 0.5
        if self.log:
            found = math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
        else:
            found = low + place * (high - low)
        if self.integer:
            return int(min(max(math.floor(found + 0.5), low + 0.5), high - 0.5))
        return min(max(float(f"{found:.6g}"), low), high)

    def stored(self, value: Any) -> float | str:
        """A value in a column of its dimension: numbers, or JSON text if any choice is none."""
        values = (0.0,) if self.choices is None else self.choices
        if all(isinstance(each, int | float) and not isinstance(each, bool) for each in values):
            return float(value)
        return json.dumps(value)

    def ends(self) -> tuple[Any, ...]:
        """What must be allowed where the search is: every choice, or both ends."""
        return self.choices if self.choices is not None else (self.value(0.0), self.value(1.0))


class Tune(Parameters):
    """What every tuner is given.

    Args:
        recipe: the recipe whose hyper-parameters are tuned; as it stands it is trained too, as the
            reference that tuning must beat.
        search: hyper-parameter -> where it is looked for. ``arm.NAME``, ``train.NAME`` and
            ``augment.NAME`` are keys of the recipe and of those groups.
        trials: recipes that each tuner may try in a block. One that diverges counts.
        objective: what is judged on the validation pictures, at the state with the lowest loss.
    """

    recipe: Arm
    search: Annotated[dict[str, Dimension], Field(min_length=1)]
    trials: Count = 20
    objective: Literal["loss", "accuracy"] = "loss"


PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": Ingest,
    "split": Split,
    "augment": Augment,
    "train": Train,
    "optimize": Tune,
    "evaluate": Evaluate,
    "arms": Recipe,
}
