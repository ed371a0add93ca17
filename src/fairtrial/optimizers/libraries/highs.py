"""Linear and mixed-integer programs solved exactly by HiGHS, with prices, ranges and gap.

Source: Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import highspy
import numpy as np

from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.optimizers.budget import Ledger
from fairtrial.optimizers.parameters import HighsSettings
from fairtrial.optimizers.task import FloatArray, LinearProgram, Run, Task

_TOLERANCE = 1e-10  # HiGHS's smallest: the point is then feasible by the problem's own tolerance
_CLOSED = 1e-9  # relative gap of a mixed-integer program: rounding leaves some
_STOPPED = (highspy.HighsModelStatus.kSolutionLimit, highspy.HighsModelStatus.kIterationLimit)


@dataclass(frozen=True)
class Solution:
    """What HiGHS found.

    Args:
        point: (C,).
        gap: of a mixed-integer program, |objective - bound| / |objective|; 0 where proved.
        bound: no point is better than this.
        prices: of a continuous program: row_dual (M,), the change of the optimum for each unit
            that the row's active limit is raised, and reduced_cost (C,); cost_low, cost_high (C,),
            the costs between which the same point stays optimal; limit_low, limit_high (M,), the
            values of the row's active limit between which its price holds.
    """

    point: FloatArray
    gap: float
    bound: float
    prices: Mapping[str, FloatArray]


def solve(
    program: LinearProgram,
    lower: FloatArray,
    upper: FloatArray,
    settings: HighsSettings | None = None,
) -> Solution:
    """Solve ``program`` in the box of its first D columns.

    Raises:
        TrialError: the program has no optimum, or none was found in time; the message gives
            HiGHS's status.
    """
    solver = new_solver(settings or HighsSettings())
    solver.passModel(build_model(program, lower, upper))
    solver.run()
    status, info, solution = solver.getModelStatus(), solver.getInfo(), solver.getSolution()
    found = status == highspy.HighsModelStatus.kOptimal or (
        status in _STOPPED and np.isfinite(info.objective_function_value)
    )
    if not found:
        raise TrialError(
            "optimizer: highs",
            "a linear program with an optimum",
            f"status {solver.modelStatusToString(status)}",
            "Check the limits: two of them may exclude each other.",
        )
    point = np.array(solution.col_value)
    if program.integer is not None and program.integer.any():
        return Solution(point, info.mip_gap, info.mip_dual_bound, {})
    prices = {"row_dual": np.array(solution.row_dual), "reduced_cost": np.array(solution.col_dual)}
    prices |= _ranges(solver, point.size)
    return Solution(point, 0.0, info.objective_function_value, prices)


def new_solver(settings: HighsSettings) -> highspy.Highs:
    """A silent solver on one thread, as exact as it can be."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # it ships half its types
    options = {
        "output_flag": False,
        "threads": 1,
        "primal_feasibility_tolerance": _TOLERANCE,
        "dual_feasibility_tolerance": _TOLERANCE,
        "mip_feasibility_tolerance": _TOLERANCE,
        "mip_rel_gap": settings.relative_gap,
        "mip_abs_gap": 0.0,
    }
    if settings.nodes is not None:
        options["mip_max_nodes"] = settings.nodes
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def build_model(program: LinearProgram, lower: FloatArray, upper: FloatArray) -> highspy.HighsLp:
    """``program`` in the box of its first D columns, as HiGHS wants it."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = program.cost.size, program.row_lower.size
    model.col_cost_, model.offset_ = program.cost, program.constant
    model.col_lower_ = np.concatenate([lower, program.helper_lower])
    model.col_upper_ = np.concatenate([upper, program.helper_upper])
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    filled = program.rows != 0
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(filled.sum(axis=1))])
    model.a_matrix_.index_ = np.nonzero(filled)[1]
    model.a_matrix_.value_ = program.rows[filled]
    if program.integer is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(whole)] for whole in program.integer]
    return model


def _ranges(solver: highspy.Highs, columns: int) -> dict[str, FloatArray]:
    _, ranging = solver.getRanging()
    return {
        "cost_low": np.array(ranging.col_cost_dn.value_)[:columns],
        "cost_high": np.array(ranging.col_cost_up.value_)[:columns],
        "limit_low": np.array(ranging.row_bound_dn.value_),
        "limit_high": np.array(ranging.row_bound_up.value_),
    }


def minimise(task: Task, settings: HighsSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """The exact optimum, evaluated once. Arguments as in `Optimizer`; seeds make no difference.

    Raises:
        ConfigError: the task is not linear.
        TrialError: it has no optimum.
    """
    if task.linear is None:
        raise ConfigError(
            "optimizer: highs",
            "a problem with linear objective and constraints",
            "one that is not linear",
            "Use slsqp, or a population method.",
        )
    found = solve(task.linear, task.lower, task.upper, settings)
    # Whole numbers come back rounded by the solver's tolerance; the repair makes them exact.
    whole = task.discrete is not None
    ledger = Ledger(task if whole else replace(task, repair=None), budget, 1)
    ledger.evaluate(found.point[None, None, : task.dimensions])
    proved = found.gap <= _CLOSED
    extra = dict(found.prices) or {
        "mip_gap": np.array([found.gap]),
        "mip_bound": np.array([found.bound]),
    }
    note = "proved optimal" if proved else f"stopped with a gap of {found.gap:.3g}"
    run = replace(ledger.close()[0], note=note, exact=proved, extra=extra)
    return [run for _ in seeds]
