"""One battery over every registered optimiser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from fairtrial.optimizers.constraints import better
from fairtrial.optimizers.registry import DETERMINISTIC, OPTIMIZERS, SOLVERS, settings_model
from fairtrial.optimizers.task import FloatArray, Run, Task
from tests.optimizers.tasks import Counter, linear_task, rosenbrock, sphere

POPULATION = [name for name in OPTIMIZERS.names() if name not in SOLVERS]
SMALL: dict[str, dict[str, Any]] = {
    "differential_evolution": {"population": 12},
    "gsa": {"population": 12},
    "nsga2": {"population": 12},
    "pymoo_ga": {"population": 12},
    "pymoo_pso": {"population": 12},
    "saga": {"population": 12, "change_first": 5, "change_every": 3},
    "scipy_differential_evolution": {"population": 12},
}
# Settings that choose another algorithm.
OTHERS: dict[str, dict[str, Any]] = {
    "cma_es": {"population": 10},
    "differential_evolution": {"strategy": "best1bin"},
    "gsa": {"masses": "rank", "g0": 0.5, "alpha": 5.0},
    "saga": {"reading": "repaired"},
    "tpe": {"multivariate": False},
}
# Steps of a model take milliseconds, not microseconds, and it needs fewer of them.
ENOUGH = {"cma_es": 900, "tpe": 90}
# How near to the optimum of the linear task; the others come to 1e-4.
ROUGH = {
    "dual_annealing": 0.05,
    "gsa": 0.05,
    "nsga2": 0.05,
    "pymoo_ga": 0.01,
    "random_search": 0.05,
    "saga": 0.05,
    "tpe": 0.05,
}


def run(name: str, task: Task, budget: int, seeds: list[int], **more: Any) -> list[Run]:
    settings = settings_model(name).model_validate({**SMALL.get(name, {}), **more})
    return OPTIMIZERS.load(name)(task, settings, budget, seeds)


def same(first: Run, second: Run) -> bool:
    names = ("evaluation", "objective", "violation", "point")
    return all(np.array_equal(getattr(first, n), getattr(second, n)) for n in names)


@pytest.mark.parametrize("name", OPTIMIZERS.names())
@pytest.mark.parametrize("budget", [1, 2, 11, 12, 13, 100, 257])
def test_every_evaluation_is_counted_and_none_exceeds_the_budget(name: str, budget: int) -> None:
    """What an optimiser says it spent is what the task was asked, to the last point."""
    budget = min(budget, ENOUGH.get(name, budget))
    counter = Counter(linear_task())
    found = run(name, counter.task, budget, [1, 2, 3])
    spent = [one.evaluations for one in found]
    if name in DETERMINISTIC:  # solved once for all seeds
        assert counter.points == spent[0] <= budget
        assert spent == spent[:1] * 3
        return
    assert counter.points == sum(spent)
    assert max(spent) <= budget
    if name in SOLVERS:
        assert all(one.note for one in found if one.evaluations < budget)
    else:
        assert spent == [budget] * 3


@pytest.mark.parametrize("name", OPTIMIZERS.names())
@pytest.mark.parametrize("task", [linear_task(), linear_task(shift=7.0)], ids=["origin", "moved"])
def test_seeds_together_or_alone_give_the_same_bits(name: str, task: Task) -> None:
    """A run depends on its own seed alone."""
    together = run(name, task, 60, [5, 6, 7])
    alone = [run(name, task, 60, [seed])[0] for seed in (5, 6, 7)]
    assert all(same(a, b) for a, b in zip(together, alone, strict=True))


@pytest.mark.parametrize("name", sorted({*POPULATION} - DETERMINISTIC))
def test_same_seed_same_run_and_other_seed_another(name: str) -> None:
    """Nothing but the seed decides."""
    first, again = (run(name, linear_task(), 100, [5])[0] for _ in range(2))
    assert same(first, again)
    assert not same(first, run(name, linear_task(), 100, [6])[0])


@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_history_is_a_chain_of_improvements_that_can_be_evaluated_again(name: str) -> None:
    """Each recorded point beats the one before and has the recorded values; all lie in the box."""
    task = linear_task(shift=-3.0)
    for found in run(name, task, min(400, ENOUGH.get(name, 400)), [1, 2]):
        assert (np.diff(found.evaluation) > 0).all()
        assert found.evaluation[0] >= 1
        assert found.evaluation[-1] <= found.evaluations
        values, violation = found.objective, found.violation
        assert better(values[1:], violation[1:], values[:-1], violation[:-1]).all()
        again = task.evaluate(found.point)
        assert np.array_equal(again[0], values)
        assert np.array_equal(again[1], violation)
        assert ((found.point >= task.lower) & (found.point <= task.upper)).all()


@pytest.mark.parametrize("name", OPTIMIZERS.names())
@pytest.mark.parametrize("shift", [0.0, 41.0, -13.5])
def test_the_optimum_moves_with_the_origin(name: str, shift: float) -> None:
    """No optimiser favours zero: the same task elsewhere is solved as well."""
    found = run(name, linear_task(shift), ENOUGH.get(name, 6000), [1])[0]
    assert found.feasible
    tolerance = ROUGH.get(name, 1e-4)
    assert found.objective[-1] == pytest.approx(1.0, abs=tolerance)
    assert found.point[-1] - shift == pytest.approx([0.0, 1.0], abs=2 * tolerance)


@pytest.mark.parametrize("name", ["cma_es", "differential_evolution", "gsa", "slsqp"])
@pytest.mark.parametrize("shift", [[0.0, 0.0, 0.0], [100.0, -7.0, 0.3]])
def test_smooth_tasks_are_solved_wherever_they_lie(name: str, shift: list[float]) -> None:
    """The sphere's centre is found, off the centre of the box."""
    found = run(name, sphere(np.array(shift)), ENOUGH.get(name, 6000), [3])[0]
    assert found.point[-1] == pytest.approx(shift, abs=1e-5)


@pytest.mark.parametrize("name", ["cma_es", "differential_evolution"])
@pytest.mark.parametrize("shift", [[0.0, 0.0], [31.0, -8.0]])
def test_a_bent_valley_is_followed_wherever_it_lies(name: str, shift: list[float]) -> None:
    """Rosenbrock's minimum is found, at (1, 1) beyond the shift."""
    found = run(name, rosenbrock(np.array(shift)), 2 * ENOUGH.get(name, 3000), [2])[0]
    assert found.point[-1] - shift == pytest.approx([1.0, 1.0], abs=1e-3)


@pytest.mark.parametrize(("name", "budget"), [("cma_es", 120), ("gsa", 1200), ("tpe", 90)])
@pytest.mark.parametrize("shift", [0.0, -55.0])
def test_a_search_that_learns_beats_one_that_does_not(name: str, budget: int, shift: float) -> None:
    """At equal evaluations the median of five runs is better than that of random search."""
    task, seeds = rosenbrock(np.full(3, shift)), list(range(5))
    ends = {
        each: np.median([found.objective[-1] for found in run(each, task, budget, seeds)])
        for each in (name, "random_search")
    }
    assert ends[name] < 0.7 * ends["random_search"]


@pytest.mark.parametrize("name", POPULATION)
def test_values_that_are_no_numbers_never_win(name: str) -> None:
    """NaN and infinities are counted and rank last."""
    task = linear_task()

    def broken(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        objective, violation = task.evaluate(points)
        objective = np.where(points[:, 0] < 0.2, np.nan, objective)
        return np.where(points[:, 1] > 0.95, -np.inf, objective), violation

    found = run(name, replace(task, evaluate=broken), 200, [1])[0]
    assert np.isfinite(found.objective).all()
    assert found.evaluations == 200
    assert (found.point[:, 0] >= 0.2).all()
    assert (found.point[:, 1] <= 0.95).all()


@pytest.mark.parametrize("name", POPULATION)
def test_a_task_without_any_number_ends_with_no_point(name: str) -> None:
    """The run ends at its budget and reports nothing, instead of failing or making a point up."""
    nothing = replace(linear_task(), evaluate=lambda p: (np.full(len(p), np.nan), np.zeros(len(p))))
    found = run(name, nothing, 60, [1, 2])
    assert [one.evaluations for one in found] == [60, 60]
    assert not any(one.feasible or one.point.size for one in found)


@pytest.mark.parametrize("name", POPULATION)
def test_the_repaired_point_is_evaluated_and_reported(name: str) -> None:
    """A repair comes before every evaluation and in every record."""
    seen = []
    task = linear_task()

    def watch(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        seen.append(points)
        return task.evaluate(points)

    found = run(name, replace(task, evaluate=watch, repair=np.round), 100, [1])[0]
    assert np.isin(np.concatenate(seen), [0.0, 1.0]).all()
    assert np.isin(found.point, [0.0, 1.0]).all()


@pytest.mark.parametrize("name", OTHERS)
def test_settings_that_choose_an_algorithm_do(name: str) -> None:
    """The other strategy or reading runs apart from the default, alike alone and together."""
    budget = min(300, ENOUGH.get(name, 300))
    task = sphere(np.zeros(2))
    usual = run(name, task, budget, [5])[0]
    together = run(name, task, budget, [5, 6], **OTHERS[name])
    alone = [run(name, task, budget, [seed], **OTHERS[name])[0] for seed in (5, 6)]
    assert not same(usual, together[0])
    assert all(same(a, b) for a, b in zip(together, alone, strict=True))
    moved = run(name, linear_task(41.0), ENOUGH.get(name, 6000), [1], **OTHERS[name])[0]
    assert moved.objective[-1] == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_no_point_is_asked_for_outside_the_box(name: str) -> None:
    """Steps, differences and rounding included."""
    seen = []
    task = linear_task(shift=0.1)

    def watch(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        seen.append(points.copy())
        return task.evaluate(points)

    run(name, replace(task, evaluate=watch), min(300, ENOUGH.get(name, 300)), [1, 2])
    points = np.concatenate(seen)
    assert ((points >= task.lower) & (points <= task.upper)).all()


@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_numpys_global_generator_is_left_alone(name: str) -> None:
    """No search seeds or uses what other parts of a program may rely on."""
    before = np.random.get_state()[1].tolist()
    run(name, linear_task(), 60, [3])
    assert np.random.get_state()[1].tolist() == before


HANDLED = [
    (name, way)
    for name in OPTIMIZERS.names()
    if "constraints" in settings_model(name).model_fields
    for way in get_args(settings_model(name).model_fields["constraints"].annotation)
]


@pytest.mark.parametrize(("name", "way"), HANDLED)
def test_every_way_with_constraints_ends_feasible(name: str, way: str) -> None:
    """Feasibility rules, epsilon and penalty all come near the optimum, which lies on a limit."""
    budget = ENOUGH.get(name, 4000)
    found = run(name, linear_task(-8.0), budget, [1], constraints=way, penalty=10.0)[0]
    assert found.feasible
    assert found.objective[-1] == pytest.approx(1.0, abs=0.1)
