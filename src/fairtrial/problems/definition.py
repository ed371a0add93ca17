"""What a problem file may say, and the rules it must keep.

Either ``variables``, ``objective`` and ``constraints`` as expressions, or ``blend``: a table of
costs and compositions whose shares sum to 1 (`fairtrial.problems.reading.table`).
"""

from __future__ import annotations

from pydantic import Field, model_validator

from fairtrial.core.parameters import Name, Parameters, Positive, Real
from fairtrial.problems.reading.blends import Blend
from fairtrial.problems.reading.entries import (
    MOST,
    Constant,
    Constraint,
    Numbers,
    Objective,
    Variable,
)

Point = dict[str, Real | Numbers | str]


class Optimum(Parameters):
    """The best value that is known, from where, and at which point."""

    objective: Real
    source: str
    at: Point | None = None


class Claim(Parameters):
    """A solution that someone states: it is evaluated again beside our own.

    Args:
        at: variable -> value, list of a vector's values or name of a choice; components of a
            blend that are left out are 0.
        objective: the value stated with it.
        source: where it is stated.
    """

    at: Point
    objective: Real | None = None
    source: str


class Printed(Parameters):
    """A table that a paper prints; every row is evaluated again beside what it says.

    Args:
        table: CSV beside the problem file: a column of labels, one a variable, and ``objective``.
        source: where it is printed.
        factor: the objective is the printed value times this, such as 1000 for thousands.
        agreement: a printed value follows from the formula when it is this near, relative.
    """

    table: str = Field(pattern=r"^[^/\\]+\.csv$")
    source: str
    factor: Positive = 1.0
    agreement: Positive = 2e-4


class Definition(Parameters):
    """A problem file.

    Args:
        name: short name.
        title: one line for people.
        source: where the problem comes from, and how its gaps were filled.
        units: further units of the problem's own, such as ``batch``.
        constants: name -> number, list, or either with a unit, for use in expressions.
        variables, objective, constraints: the problem in expressions.
        second_objective: traded against the first by methods that look for a front; the others
            leave it out.
        terms: name -> expression, for use in those that follow.
        repair: variable -> expression in the others that sets it before every evaluation, such
            as an equality solved for it. Every method that takes a repair gets the same one.
        blend: the problem as a table, instead of all these.
        tolerance: by how much a limit may be missed, in its unit, relative above 1.
        equality_tolerance: the same of an equality, where it differs.
        optimum: the best value that is known.
        claims: name -> a solution that someone states.
        printed: a table of solutions that a paper prints.
    """

    name: Name
    title: str
    source: str
    units: tuple[Name, ...] = ()
    constants: dict[str, Real | Numbers | Constant] = Field(default_factory=dict)
    variables: dict[str, Variable] = Field(default_factory=dict)
    terms: dict[str, str] = Field(default_factory=dict)
    objective: Objective | None = None
    second_objective: Objective | None = None
    constraints: dict[str, Constraint] = Field(default_factory=dict)
    repair: dict[str, str] = Field(default_factory=dict)
    blend: Blend | None = None
    tolerance: Positive = 1e-8
    equality_tolerance: Positive | None = None
    optimum: Optimum | None = None
    claims: dict[str, Claim] = Field(default_factory=dict)
    printed: Printed | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Definition:
        if self.blend is None and (not self.variables or self.objective is None):
            raise ValueError("variables and objective, or blend")
        expressions = ("variables", "terms", "objective", "second_objective", "constraints")
        if self.blend and any(getattr(self, key) for key in (*expressions, "repair")):
            raise ValueError(f"blend without {', '.join(expressions)} or repair")
        if len(self.variables) > MOST or len(self.constraints) > MOST:
            raise ValueError(f"at most {MOST} variables and constraints")
        return self

    def constant(self, name: str) -> Constant:
        """A constant in full."""
        stated = self.constants[name]
        return stated if isinstance(stated, Constant) else Constant(value=stated)
