"""The parts of the changing-range genetic algorithm against plain ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.optimizers.fitness import fitness, ranks
from fairtrial.optimizers.own.genes import cross, flips, mutate, select, tails
from fairtrial.optimizers.own.saga import Saga, minimise
from fairtrial.optimizers.parameters import SagaSettings
from fairtrial.optimizers.task import FloatArray
from tests.optimizers.tasks import sphere

SEEDS = st.integers(0, 2**32)


def plain_selection(score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Goldberg's loop for one run: whole copies, then flips round the population."""
    size = len(score)
    share = score / score.sum() if score.sum() else np.full(size, 1 / size)
    copies = np.floor(share * size).astype(int)
    rest = share * size - copies
    while copies.sum() < size:
        for index in range(size):
            if copies.sum() < size and rest[index] > 0 and rng.random() < rest[index]:
                copies[index] += 1
                rest[index] = 0.0
    return copies


@given(SEEDS)
def test_selection_gives_whole_copies_and_at_most_one_more(seed: int) -> None:
    """floor(e) <= copies <= floor(e) + 1, and the population keeps its size."""
    rng = np.random.default_rng(seed)
    score = rng.random((3, 20)) * (rng.random((3, 20)) < 0.7)
    chosen = select(score, rng.standard_exponential((3, 20)))
    for row, picked in zip(score, chosen, strict=True):
        copies = np.bincount(picked, minlength=20)
        expected = np.floor(20 * row / row.sum()) if row.sum() else np.ones(20)
        assert copies.sum() == 20
        assert (copies >= np.floor(expected - 1e-9)).all()
        assert (copies <= expected + 1).all()


def test_selection_has_the_frequencies_of_the_plain_loop() -> None:
    """Choosing by the round of success is the loop round the population, vectorised."""
    score = np.array([5.0, 1.0, 0.2, 3.3, 0.0, 2.1])
    rng = np.random.default_rng(1)
    rounds = 20_000
    plain = np.mean([plain_selection(score, rng) for _ in range(rounds)], axis=0)
    chosen = select(np.tile(score, (rounds, 1)), rng.standard_exponential((rounds, 6)))
    ours = np.stack([(chosen == index).sum(axis=1) for index in range(6)], axis=1).mean(axis=0)
    assert ours == pytest.approx(plain, abs=0.02)


def test_selection_of_equals_keeps_everyone() -> None:
    """When nobody is better each one is chosen once."""
    chosen = select(np.zeros((1, 8)), np.random.default_rng(0).standard_exponential((1, 8)))
    assert sorted(chosen[0]) == list(range(8))


@given(SEEDS, st.integers(2, 12))
def test_crossover_exchanges_the_tails_of_the_bit_strings(seed: int, bits: int) -> None:
    """Integer arithmetic does what cutting the written-out strings does."""
    rng = np.random.default_rng(seed)
    genes = rng.integers(0, 2**bits, (3, 2, 4)).astype(np.int32)
    cut = rng.integers(1, 3 * bits + 1, (2, 2))
    children = genes.copy()
    cross(children, cut, tails(3, bits))

    def text(individual: np.ndarray) -> str:
        return "".join(format(value, f"0{bits}b") for value in individual)

    for run in range(2):
        for pair in range(2):
            mother, father = text(genes[:, run, pair]), text(genes[:, run, 2 + pair])
            place = cut[run, pair]
            assert text(children[:, run, pair]) == mother[:place] + father[place:]
            assert text(children[:, run, 2 + pair]) == father[:place] + mother[place:]


def test_each_bit_flips_with_the_stated_probability() -> None:
    """Every bit of every variable flips in 2 % of the individuals, whatever run it stands in."""
    genes = np.zeros((3, 2, 20_000), dtype=np.int32)
    mutate(genes, 0.02, 10, [np.random.default_rng(seed) for seed in (3, 4)])
    rates = np.array([((genes >> bit) & 1).mean(axis=2) for bit in range(10)])
    assert rates == pytest.approx(0.02, abs=0.004)
    assert genes.max() < 2**10


@given(SEEDS, st.sampled_from([0.02, 0.5, 0.98]), st.integers(1, 60))
def test_flips_of_a_run_are_its_own(seed: int, probability: float, total: int) -> None:
    """Places ascend within a run, lie below the end, and are the same alone and beside another."""
    place, count = flips([np.random.default_rng(s) for s in (seed, seed + 1)], probability, total)
    alone, _ = flips([np.random.default_rng(seed + 1)], probability, total)
    first, second = place[: count[0]], place[count[0] :]
    assert np.array_equal(second, alone)
    assert all((np.diff(each) > 0).all() for each in (first, second))
    assert not place.size or (place.min() >= 0 and place.max() < total)


def test_every_feasible_point_is_fitter_than_every_infeasible_one() -> None:
    """Feasible first, then cost; the worst has none left."""
    objective = np.array([[5.0, 9.0, -4.0, 1.0, np.inf]])
    violation = np.array([[0.0, 0.0, 0.5, 3.0, np.inf]])
    score = fitness(objective, violation)[0]
    assert score[0] > score[1] >= score[2] > score[3] >= score[4] == 0


def test_ranks_order_as_debs_rules_do() -> None:
    """Feasible ones by cost, then the others by violation; the worst has 0, the best P - 1."""
    objective = np.array([[5.0, 9.0, -4.0, 1.0, np.inf], [2.0, 1.0, 3.0, 5.0, 4.0]])
    violation = np.array([[0.0, 0.0, 0.5, 3.0, np.inf], [0.0] * 5])
    assert ranks(objective, violation).tolist() == [[4, 3, 2, 1, 0], [3, 4, 2, 0, 1]]


def test_the_repaired_reading_never_loses_its_best() -> None:
    """With elitism a generation's best is no worse than the one before; the paper's may be."""

    def best_of_generations(reading: Literal["paper", "repaired"]) -> np.ndarray:
        seen: list[float] = []
        task = sphere(np.array([0.31, 0.72]))

        def watch(points: FloatArray) -> tuple[FloatArray, FloatArray]:
            objective, violation = task.evaluate(points)
            seen.append(float(objective.min()))
            return objective, violation

        settings = SagaSettings(reading=reading, population=20, change_first=None)
        minimise(replace(task, evaluate=watch), settings, 2000, [1])
        return np.diff(seen)

    assert (best_of_generations("repaired") <= 0).all()
    assert (best_of_generations("paper") > 0).any()


def test_the_range_closes_on_the_best_point() -> None:
    """With the change of range the resolution grows beyond that of ten bits, without it not."""
    centre = np.array([0.3, 0.7])
    task = replace(sphere(centre), lower=centre - 0.2, upper=centre + 1.3)
    finest = 1.5 / 1023
    settings = {"population": 20, "change_first": 10, "change_every": 5}
    with_change = minimise(task, SagaSettings(**settings), 20_000, [1])[0]
    without = minimise(task, SagaSettings(population=20, change_first=None), 20_000, [1])[0]
    steps = (without.point - task.lower) / finest
    assert steps == pytest.approx(np.round(steps), abs=1e-6)
    steps = (with_change.point - task.lower) / finest
    assert np.abs(steps - np.round(steps)).max() > 1e-3


def test_choices_of_a_reading_can_be_made_otherwise() -> None:
    """Selection and elitism follow the reading where nothing else is said."""
    paper, repaired = SagaSettings(), SagaSettings(reading="repaired")
    assert (paper.selects, paper.keeps_best) == ("value", False)
    assert (repaired.selects, repaired.keeps_best) == ("rank", True)
    other = SagaSettings(reading="repaired", selection="value", elitism=False)
    assert (other.selects, other.keeps_best) == ("value", False)


def test_the_threshold_sets_small_values_to_zero() -> None:
    """A variable whose value at the reference point is below it ends at its lower bound."""
    task = replace(sphere(np.array([0.02, 0.7])), lower=np.zeros(2), upper=np.ones(2))
    settings = {"population": 20, "change_first": 20, "change_every": 10}
    last = Saga(task.lower, task.upper, SagaSettings(**settings, threshold=0.1), 4000, [1])
    for _ in range(20):
        points = last.ask()
        objective, violation = task.evaluate(points[0])
        last.tell(points, objective[None], violation[None, :, None])
    assert (last.ask()[0, :, 0] == 0).all()
    assert (last.ask()[0, :, 1] > 0).any()


def test_points_may_stay_where_they_are_when_the_range_changes() -> None:
    """keep_points gives each individual the bits nearest to its place, keep_bits moves it."""
    task = replace(sphere(np.array([0.1, 0.2])), lower=np.zeros(2), upper=np.ones(2))

    def spread_after(on_change: Literal["keep_bits", "keep_points"]) -> float:
        settings = SagaSettings(population=40, change_first=8, on_change=on_change)
        search = Saga(task.lower, task.upper, settings, 4000, [1])
        for _ in range(8):
            points = search.ask()
            objective, violation = task.evaluate(points[0])
            search.tell(points, objective[None], violation[None, :, None])
        return float(np.median(search.ask()[0] / np.array([0.1, 0.2])))

    assert spread_after("keep_bits") < 0.5 * spread_after("keep_points")


def test_without_the_repair_points_are_taken_as_drawn() -> None:
    """``repair: false`` is what the changing range is worth by itself."""
    task = replace(sphere(np.array([0.3, 0.7])), repair=np.round)
    raw = minimise(task, SagaSettings(population=20, repair=False), 400, [1])[0]
    assert not np.array_equal(raw.point, np.round(raw.point))
