"""What a problem file may say, and the rules it must keep.

Either ``variables``, ``objective`` and ``constraints`` as expressions, or ``blend``: a table of
costs and compositions whose shares sum to 1 (`fairtrial.problems.reading.table`).
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, ValidationError, model_validator

from fairtrial.core.errors import DataError
from fairtrial.core.parameters import Name, Parameters, Positive, Real
from fairtrial.problems.reading.document import Document


class Variable(Parameters):
    """A continuous variable in [lower, upper]."""

    lower: Real
    upper: Real
    unit: str = ""

    @model_validator(mode="after")
    def _has_room(self) -> Variable:
        if not self.lower < self.upper:
            raise ValueError("lower < upper")
        return self


class Objective(Parameters):
    """An expression to minimise or to maximise."""

    minimise: str | None = None
    maximise: str | None = None
    unit: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> Objective:
        if (self.minimise is None) == (self.maximise is None):
            raise ValueError("exactly one of minimise and maximise")
        return self


class Constraint(Parameters):
    """``left <= right``, ``left >= right``, ``left = right`` or ``low <= middle <= high``."""

    rule: str
    unit: str = ""


class Blend(Parameters):
    """A mix of components, x >= 0 and sum 1, at the least cost, within limits a property.

    Args:
        table: CSV beside the problem file: one row a property, one column a component, then the
            columns of the limits; one row holds the costs. A first column named ``sieve_mm``
            makes the properties percentages passing a sieve.
        cost: label of the row of costs.
        lower, upper: headings of the columns of limits; an empty cell leaves a side open.
        unit: of the properties.
        cost_unit: of the costs.
    """

    table: str = Field(pattern=r"^[^/\\]+\.csv$")
    cost: str = "cost"
    lower: str = "lower"
    upper: str = "upper"
    unit: str = ""
    cost_unit: str = ""


class Optimum(Parameters):
    """The best value that is known, and from where."""

    objective: Real
    source: str


class Claim(Parameters):
    """A solution that someone states: it is evaluated again beside our own.

    Args:
        at: variable -> value; components of a blend that are left out are 0.
        objective: the value stated with it.
        source: where it is stated.
    """

    at: dict[str, Real]
    objective: Real | None = None
    source: str


class Definition(Parameters):
    """A problem file.

    Args:
        name: short name.
        title: one line for people.
        source: where the problem comes from, and how its gaps were filled.
        constants: name -> number, for use in expressions.
        variables, objective, constraints: the problem in expressions.
        repair: variable -> expression in the others that sets it before every evaluation, such
            as an equality solved for it. Every method that takes a repair gets the same one.
        blend: the problem as a table, instead of the four above.
        tolerance: by how much a limit may be missed, in its unit, relative above 1.
        optimum: the best value that is known.
        claims: name -> a solution that someone states.
    """

    name: Name
    title: str
    source: str
    constants: dict[str, Real] = Field(default_factory=dict)
    variables: dict[str, Variable] = Field(default_factory=dict)
    objective: Objective | None = None
    constraints: dict[str, Constraint] = Field(default_factory=dict)
    repair: dict[str, str] = Field(default_factory=dict)
    blend: Blend | None = None
    tolerance: Positive = 1e-8
    optimum: Optimum | None = None
    claims: dict[str, Claim] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_form(self) -> Definition:
        if self.blend is None and (not self.variables or self.objective is None):
            raise ValueError("variables and objective, or blend")
        if self.blend and (self.variables or self.objective or self.constraints or self.repair):
            raise ValueError("blend without variables, objective, constraints or repair")
        return self


def check_definition(document: Document) -> Definition:
    """Check a parsed file against the rules.

    Raises:
        DataError: naming the file, the line, the rule, the value seen and the remedy.
    """
    try:
        return Definition.model_validate(document.data)
    except ValidationError as error:
        raise _explain(document, error) from None


def _explain(document: Document, error: ValidationError) -> DataError:
    fault = error.errors()[0]
    path = [part for part in fault["loc"] if part != "[key]"]
    remedy = "Mend it; conf/base/problems holds examples."
    if fault["type"] == "extra_forbidden":
        known = ", ".join(_fields_at(path[:-1]))
        return document.error(path, "a known key", "an unknown one", f"Known here: {known}.")
    if fault["type"] == "missing":
        return document.error(path, "a value", "nothing", "Add the key.")
    rule = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return document.error(path, rule, _seen(fault["input"]), remedy)


def _seen(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _fields_at(path: list[Any]) -> list[str]:
    """Keys that are allowed where ``path`` leads."""
    models: dict[str, type[BaseModel]] = {
        "variables": Variable,
        "objective": Objective,
        "constraints": Constraint,
        "blend": Blend,
        "optimum": Optimum,
        "claims": Claim,
    }
    model = models.get(str(path[0]), Definition) if path else Definition
    return sorted(model.model_fields)
