"""The proof in fractions: HiGHS's own ranging, other linear programs, and points that are none."""

from __future__ import annotations

from fractions import Fraction

import highspy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.certificates.linear import LinearProof, prove
from tests.problems.files import example

AGGREGATES = example("aggregates")


def solved(program: LinearProgram, lower: np.ndarray, upper: np.ndarray) -> highspy.Highs:
    """HiGHS after it solved ``program``."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = program.cost.size, program.row_lower.size
    model.col_cost_, model.offset_ = program.cost, program.constant
    model.col_lower_, model.col_upper_ = lower, upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.arange(program.row_lower.size + 1) * program.cost.size
    model.a_matrix_.index_ = np.tile(np.arange(program.cost.size), program.row_lower.size)
    model.a_matrix_.value_ = program.rows.ravel()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(model)
    solver.run()
    return solver


def proof_of(program: LinearProgram, lower: np.ndarray, upper: np.ndarray) -> LinearProof | None:
    found = solved(program, lower, upper).getSolution()
    names = (
        [f"x{i}" for i in range(program.cost.size)],
        [f"r{i}" for i in range(program.row_lower.size)],
    )
    point, duals = np.array(found.col_value), np.array(found.row_dual)
    return prove(program, lower, upper, point, duals, names)


@pytest.fixture(scope="module")
def aggregates() -> LinearProof:
    program = AGGREGATES.linear_program()
    assert program is not None
    proof = proof_of(program, AGGREGATES.lower, AGGREGATES.upper)
    assert proof is not None
    return proof


def test_the_aggregates_in_fractions(aggregates: LinearProof) -> None:
    """103, 130 and 208 of 441 parts, 397/126 dollars, duals -2/63, -1/14 and 5; unique."""
    mix = {n: x for n, x in zip(AGGREGATES.names, aggregates.point, strict=True) if x}
    assert mix == {
        "GCS": Fraction(103, 441),
        "CCS": Fraction(130, 441),
        "CCA": Fraction(208, 441),
    }
    assert aggregates.objective == Fraction(397, 126)
    prices = {r.name: p for r, p in zip(AGGREGATES.rows, aggregates.prices, strict=True) if p}
    assert prices == {"4": Fraction(-2, 63), "0.125": Fraction(-1, 14), "total": Fraction(5)}
    assert aggregates.unique
    reduced = dict(zip(AGGREGATES.names, aggregates.reduced, strict=True))
    assert min(v for v in reduced.values() if v) == reduced["GCA"] == Fraction(2, 63)


def test_the_price_that_flips_the_mix(aggregates: LinearProof) -> None:
    """Above 5.032 for CCA, GCA comes in; nothing else is so near."""
    reach = dict(zip(AGGREGATES.names, aggregates.costs, strict=True))
    assert float(reach["CCA"].high or 0) == pytest.approx(5.032, abs=1e-4)
    assert reach["CCA"].above == "x3"
    assert reach["GCA"].low == Fraction(5) - Fraction(2, 63)
    assert reach["GCA"].high is None


def test_ranging_is_that_of_highs(aggregates: LinearProof) -> None:
    """Costs and limits reach as far as HiGHS says, which computes in floats from its basis."""
    program = AGGREGATES.linear_program()
    assert program is not None
    _, ranging = solved(program, AGGREGATES.lower, AGGREGATES.upper).getRanging()
    for index, reach in enumerate(aggregates.costs):
        low, high = ranging.col_cost_dn.value_[index], ranging.col_cost_up.value_[index]
        # Of a component left out the cost may fall to where it comes in, and rise for ever.
        assert (-np.inf if reach.low is None else float(reach.low)) == pytest.approx(low)
        assert (np.inf if reach.high is None else float(reach.high)) == pytest.approx(high)
    for row, reach in aggregates.limits.items():
        assert float(reach.low or 0) == pytest.approx(ranging.row_bound_dn.value_[row])
        assert float(reach.high or 0) == pytest.approx(ranging.row_bound_up.value_[row])


@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 5))
def test_random_programs_are_proved(seed: int, columns: int, rows: int) -> None:
    """Whatever vertex HiGHS ends in, the proof has its value, and what it proves is feasible."""
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-3, 4, (rows, columns)).astype(float)
    inside = rng.integers(1, 5, columns).astype(float)
    program = LinearProgram(
        cost=rng.integers(-5, 6, columns).astype(float),
        constant=2.5,
        rows=matrix,
        row_lower=np.where(rng.random(rows) < 0.5, matrix @ inside - 1, -np.inf),
        row_upper=matrix @ inside + rng.integers(0, 3, rows),
    )
    lower, upper = np.zeros(columns), np.full(columns, 6.0)
    proof = proof_of(program, lower, upper)
    kept = np.isfinite(program.row_lower)
    best = linprog(
        program.cost,
        A_ub=np.vstack([matrix, -matrix[kept]]),
        b_ub=np.concatenate([program.row_upper, -program.row_lower[kept]]),
        bounds=[(0, 6)] * columns,
    )
    assert proof is not None
    assert float(proof.objective) == pytest.approx(best.fun + 2.5, abs=1e-9)
    values = matrix @ np.array([float(x) for x in proof.point])
    assert (values <= program.row_upper + 1e-12).all()


def test_a_point_that_is_no_optimum_is_not_proved() -> None:
    """A feasible vertex with a price of the wrong sign is refused."""
    program = LinearProgram(
        cost=np.array([1.0, 2.0]),
        constant=0.0,
        rows=np.array([[1.0, 1.0]]),
        row_lower=np.array([1.0]),
        row_upper=np.array([np.inf]),
    )
    box = np.zeros(2), np.full(2, 5.0)
    names = ["x", "y"], ["sum"]
    assert prove(program, *box, np.array([0.0, 1.0]), np.array([2.0]), names) is None
    proof = prove(program, *box, np.array([1.0, 0.0]), np.array([1.0]), names)
    assert proof is not None
    assert proof.objective == 1
