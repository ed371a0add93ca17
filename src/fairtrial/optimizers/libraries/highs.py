"""Linear programs solved exactly by HiGHS, with duals.

Source: Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import highspy
import numpy as np

from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.optimizers.budget import Ledger
from fairtrial.optimizers.parameters import HighsSettings
from fairtrial.optimizers.task import FloatArray, LinearProgram, Run, Task

_TOLERANCE = 1e-10  # HiGHS's smallest: the point is then feasible by the problem's own tolerance


def solve(
    program: LinearProgram, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Optimal point (D,), row duals (M,) and reduced costs (D,) of ``program`` in its box.

    A dual is the change of the optimum for each unit that the row's active limit is raised.

    Raises:
        TrialError: the program has no optimum; the message gives HiGHS's status.
    """
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = program.cost.size, program.row_lower.size
    model.col_cost_, model.offset_ = program.cost, program.constant
    model.col_lower_, model.col_upper_ = lower, upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    filled = program.rows != 0
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(filled.sum(axis=1))])
    model.a_matrix_.index_ = np.nonzero(filled)[1]
    model.a_matrix_.value_ = program.rows[filled]
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # it ships half its types
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("primal_feasibility_tolerance", _TOLERANCE)
    solver.setOptionValue("dual_feasibility_tolerance", _TOLERANCE)
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise TrialError(
            "optimizer: highs",
            "a linear program with an optimum",
            f"status {solver.modelStatusToString(status)}",
            "Check the limits: two of them may exclude each other.",
        )
    solution = solver.getSolution()
    return (
        np.array(solution.col_value),
        np.array(solution.row_dual),
        np.array(solution.col_dual),
    )


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
            "Use slsqp as its reference.",
        )
    point, duals, reduced = solve(task.linear, task.lower, task.upper)
    ledger = Ledger(replace(task, repair=None), budget, 1)
    ledger.evaluate(point[None, None])
    run = replace(
        ledger.close()[0],
        note="proved optimal",
        exact=True,
        extra={"row_dual": duals, "reduced_cost": reduced},
    )
    return [run for _ in seeds]
