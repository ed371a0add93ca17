"""Whole numbers and choices: what a variable is rounded to, and the same as integer columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.reading.entries import Variable

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_FEW = 12  # choices that are listed


class Levels:
    """The values that each of D variables can take.

    Args:
        integer: (D,) whole numbers only.
        choices: of each variable, ascending, where it has any.
        labels: of each variable: choice -> its name, empty where it has none.
    """

    def __init__(
        self,
        integer: BoolArray,
        choices: Sequence[FloatArray | None],
        labels: Sequence[Mapping[float, str]],
    ) -> None:
        self.integer, self.choices, self.labels = integer, tuple(choices), tuple(labels)
        self._listed = [(i, values) for i, values in enumerate(choices) if values is not None]

    @property
    def discrete(self) -> BoolArray:
        """(D,) which variables are not continuous."""
        listed = np.array([values is not None for values in self.choices], dtype=np.bool_)
        found: BoolArray = self.integer | listed
        return found

    def nearest(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, D): the nearest level of each variable, the lower of two as near."""
        rounded = points.copy()
        # rint would send halves to even numbers, so that odd ones came up less often.
        rounded[:, self.integer] = np.ceil(points[:, self.integer] - 0.5)
        for index, values in self._listed:
            middles = (values[1:] + values[:-1]) / 2
            rounded[:, index] = values[np.searchsorted(middles, points[:, index])]
        return rounded

    def text(self, index: int, span: str) -> str:
        """What a variable can be: ``span``, ``whole, 1 to 9`` or ``one of zinc (7.14), ...``."""
        values = self.choices[index]
        if values is None:
            return f"whole, {span}" if self.integer[index] else span
        if len(values) > _FEW:
            return f"one of {len(values)}, {span}"
        return f"one of {', '.join(self.name(index, float(value)) for value in values)}"

    def name(self, index: int, value: float) -> str:
        """``zinc (7.14)`` where the choice has a name, else ``7.14``."""
        label = self.labels[index].get(value)
        return f"{value:g}" if label is None else f"{label} ({value:g})"


def levels_of(variables: Sequence[Variable]) -> Levels | None:
    """Levels of the components of ``variables``; none where all are continuous."""
    each = [variable for variable in variables for _ in variable.lowers]
    if not any(variable.integer or variable.choices for variable in each):
        return None
    integer = np.array([variable.integer for variable in each], dtype=np.bool_)
    choices = [np.array(variable.levels) if variable.choices else None for variable in each]
    return Levels(integer, choices, [variable.labels for variable in each])


def with_levels(program: LinearProgram, levels: Levels) -> LinearProgram:
    """``program`` in which every variable keeps to its levels.

    A choice is a weighted sum of its values with weights of 0 or 1, one of them 1: one helper a
    value, and two rows.
    """
    listed = [(i, values) for i, values in enumerate(levels.choices) if values is not None]
    helpers = sum(values.size for _, values in listed)
    count = program.cost.size
    rows = np.zeros((2 * len(listed), count + helpers))
    ends = np.zeros(2 * len(listed))
    column = count
    for number, (index, values) in enumerate(listed):
        own = slice(column, column + values.size)
        rows[2 * number, index], rows[2 * number, own] = -1.0, values
        rows[2 * number + 1, own] = 1.0
        ends[2 * number + 1] = 1.0
        column += values.size
    return replace(
        program,
        cost=np.concatenate([program.cost, np.zeros(helpers)]),
        rows=np.vstack([np.pad(program.rows, ((0, 0), (0, helpers))), rows]),
        row_lower=np.concatenate([program.row_lower, ends]),
        row_upper=np.concatenate([program.row_upper, ends]),
        integer=np.concatenate([levels.integer, np.ones(helpers, dtype=np.bool_)]),
        helper_lower=np.zeros(helpers),
        helper_upper=np.ones(helpers),
    )
