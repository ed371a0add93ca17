"""What a variable, a constant, an objective and a constraint of a problem file may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Flag, Parameters, Real

MOST = 1000  # components of a vector, variables, constraints

Unit = Annotated[str, Field(max_length=60)]
Numbers = Annotated[tuple[Real, ...], Field(min_length=1, max_length=MOST)]
Choices = Annotated[tuple[Real, ...], Field(min_length=2, max_length=MOST)]
Labels = Annotated[dict[str, Real], Field(min_length=2, max_length=MOST)]


class Variable(Parameters):
    """A number in [lower, upper], a whole number there, or one of a list; or a vector of such.

    Args:
        lower, upper: the box, which are part of it; a list gives each component its own.
        count: components of a vector ``x``; they go by ``x1``, ``x2``, ..., and in loops by
            ``x[i]``.
        integer: whole numbers only.
        choices: the values there are, in place of bounds; a mapping names them.
        unit: such as ``m3`` or ``Rs/m2``; unchecked where empty, ``1`` is a pure number.
    """

    lower: Real | Numbers | None = None
    upper: Real | Numbers | None = None
    count: Annotated[int, Field(strict=True, ge=1, le=MOST)] | None = None
    integer: Flag = False
    choices: Choices | Labels | None = None
    unit: Unit = ""

    @model_validator(mode="after")
    def _has_room(self) -> Variable:
        if self.choices is not None:
            if self.lower is not None or self.upper is not None or self.integer:
                raise ValueError("choices without lower, upper and integer")
            if len(set(self.levels)) < len(self.levels):
                raise ValueError("choices that differ")
            return self
        if self.lower is None or self.upper is None:
            raise ValueError("lower and upper, or choices")
        for low, high in zip(self.lowers, self.uppers, strict=True):
            if not low < high:
                raise ValueError("lower < upper")
            if self.integer and not (low.is_integer() and high.is_integer()):
                raise ValueError("whole numbers as bounds of an integer")
        return self

    @property
    def levels(self) -> tuple[float, ...]:
        """The choices in ascending order."""
        choices = self.choices or ()
        return tuple(sorted(choices.values() if isinstance(choices, dict) else choices))

    @property
    def labels(self) -> dict[float, str]:
        """Choice -> its name; empty where choices have none."""
        choices = self.choices
        return {v: name for name, v in choices.items()} if isinstance(choices, dict) else {}

    @property
    def lowers(self) -> tuple[float, ...]:
        """Lower bound of each component."""
        return self._each(self.levels[0] if self.levels else self.lower)

    @property
    def uppers(self) -> tuple[float, ...]:
        """Upper bound of each component."""
        return self._each(self.levels[-1] if self.levels else self.upper)

    def _each(self, bound: float | tuple[float, ...] | None) -> tuple[float, ...]:
        count = 1 if self.count is None else self.count
        if isinstance(bound, tuple):
            if self.count is None or len(bound) != count:
                raise ValueError("a bound, or a list of as many as count says")
            return bound
        return (float(bound or 0.0),) * count


class Constant(Parameters):
    """A number with its unit, or a list of them for ``name[i]``."""

    value: Real | Numbers
    unit: Unit = ""


class Objective(Parameters):
    """An expression to minimise or to maximise."""

    minimise: str | None = None
    maximise: str | None = None
    unit: Unit = ""

    @model_validator(mode="after")
    def _one_way(self) -> Objective:
        if (self.minimise is None) == (self.maximise is None):
            raise ValueError("exactly one of minimise and maximise")
        return self

    @property
    def way(self) -> Literal["minimise", "maximise"]:
        """Which of the two."""
        return "minimise" if self.minimise is not None else "maximise"

    @property
    def text(self) -> str:
        """The expression."""
        return self.minimise or self.maximise or ""


class Constraint(Parameters):
    """``left <= right``, ``left >= right``, ``left = right`` or ``low <= middle <= high``."""

    rule: str
    unit: Unit = ""


def components(name: str, count: int | None) -> list[str]:
    """Names of a variable's components: itself, or ``x1``, ``x2``, ..."""
    return [name] if count is None else [f"{name}{index + 1}" for index in range(count)]
