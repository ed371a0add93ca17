"""Training GANs: one run or several side by side, stopped and resumed, diverged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fairtrial.core.errors import StorageError
from fairtrial.melodies.gan import feed
from fairtrial.melodies.gan.feed import BarFeed
from fairtrial.melodies.gan.trainee import GanTrainee, RunSeeds
from fairtrial.melodies.gan.training import TrainedRun, count_at_once, count_updates, train_runs
from fairtrial.melodies.parameters import Train
from fairtrial.melodies.piano_roll import Roll, rolls_to_signals
from fairtrial.training.loop import train
from tests.melodies.rolls import random_rolls

TINY = Train(width=0.02, batch_size=8, epochs=1, device="cpu")
SEEDS = RunSeeds(weights=1, noise=2, dropout=4, batches=3)
THREE = {f"run_{k:03d}": RunSeeds(10 + k, 20 + k, 30 + k, 40 + k) for k in range(3)}
CPU = torch.device("cpu")


def make(rolls: Roll, parameters: Train = TINY, *seeds: RunSeeds) -> GanTrainee:
    return GanTrainee(rolls, parameters, seeds or [SEEDS], CPU)


def train_one(updates: int, parameters: Train = TINY, seeds: RunSeeds = SEEDS) -> TrainedRun:
    """One run on twenty bars."""
    runs = train_runs(
        random_rolls(20), updates, parameters, {"run": seeds}, checkpoints=None, label="gan"
    )
    return runs["run"]


def weights_of(run: TrainedRun) -> dict[str, np.ndarray]:
    assert run.state is not None
    return run.state


def test_adam_has_the_papers_settings() -> None:
    """beta1 0.5, beta2 0.999, epsilon 1e-7; learning rates 1e-3 and 2e-3."""
    settings = [each.param_groups[0] for each in make(random_rolls(8)).optimisers]
    assert [group["lr"] for group in settings] == [1e-3, 2e-3]
    assert {(group["betas"], group["eps"]) for group in settings} == {((0.5, 0.999), 1e-7)}


def test_equal_epochs_are_not_equal_updates() -> None:
    """The paper's 60 epochs in batches of 50: 120 updates on 55 bars, 3,720 on 3,080."""
    paper = Train()
    assert count_updates(55, paper) == 120
    assert count_updates(3080, paper) == 3720


def test_a_pass_takes_every_bar_once() -> None:
    """The batches of one epoch are the training set, the last one smaller, in a fresh order."""
    bars = BarFeed(random_rolls(20), 8, [3, 4], CPU)
    batches = [bars.rows(index) for index in range(6)]
    assert [batch.shape for batch in batches] == [(2, 8), (2, 8), (2, 4)] * 2
    first, second = np.concatenate(batches[:3], 1), np.concatenate(batches[3:], 1)
    for run in range(2):
        assert sorted(first[run]) == sorted(second[run]) == list(range(20))
        assert not np.array_equal(first[run], second[run])
    assert not np.array_equal(first[0], first[1])


def test_a_batch_holds_the_signals_of_its_rows() -> None:
    """float32 (b, R, 48, 64) of +1 and -1, each run's own bars in its own column."""
    rolls = random_rolls(20)
    bars = BarFeed(rolls, 8, [3, 4], CPU)
    batch, rows = bars.batch(0), bars.rows(0)
    assert batch.shape == (8, 2, 48, 64)
    assert batch.dtype == torch.float32
    for run in range(2):
        assert np.array_equal(batch[:, run].numpy(), rolls_to_signals(rolls[rows[run]]))


def test_bars_kept_on_a_device_give_the_same_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of graphics cards, all bars a byte a cell at hand, feeds the same signals."""
    rolls = random_rolls(20)
    read, kept = (BarFeed(rolls, 8, [3, 4], CPU) for _ in range(2))
    monkeypatch.setattr(feed, "_BLOCK", 6)
    kept._resident = feed._load(rolls, CPU)
    assert kept._resident.dtype == torch.bool
    for index in range(6):
        assert torch.equal(kept.batch(index), read.batch(index))


def test_the_same_seeds_give_the_same_run() -> None:
    """Two trainings on the CPU end in the same weights; another noise gives others."""
    runs = [train_one(4, seeds=seeds) for seeds in (SEEDS, SEEDS, replace(SEEDS, noise=9))]
    first, again, other = (weights_of(run)["generator.up3.weight"] for run in runs)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_arms_of_a_block_share_initial_weights() -> None:
    """Other training bars do not move the initial weights."""
    first, other = make(random_rolls(20)), make(random_rolls(30, seed=5))
    for a, b in zip(first.generator.parameters(), other.generator.parameters(), strict=True):
        assert torch.equal(a, b)


def test_arms_of_a_block_share_the_noise_of_every_update() -> None:
    """Update k has the same noise whatever the sizes of the batches before it."""

    def noise_of(bars: int) -> list[torch.Tensor]:
        trainee = make(random_rolls(bars))
        seen: list[torch.Tensor] = []
        trainee.generator.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        for index in range(5):  # the smaller set has a batch of 4 at the third
            trainee.step(index)
        return seen

    for a, b in zip(noise_of(20), noise_of(48), strict=True):
        assert torch.equal(a, b)


def test_seconds_go_on_where_a_stopped_run_ended() -> None:
    """Time is part of the state: a resumed run tells the time of the whole training."""
    trainee = make(random_rolls(20))
    trainee.restore({**trainee.state(), "seconds": 1000.0})
    assert 1000 <= trainee.seconds < 1000 + 600
    assert trainee.state()["seconds"] >= 1000


def test_runs_side_by_side_learn_what_each_learns_alone() -> None:
    """Losses of six updates, into a second pass, and weights agree up to rounding."""
    rolls = random_rolls(20)
    together = make(rolls, TINY, *THREE.values())
    alone = [make(rolls, TINY, seeds) for seeds in THREE.values()]
    for index in range(6):
        together.step(index)
        for one in alone:
            one.step(index)
    for run, one in enumerate(alone):
        losses, own = ([m[r] for m in t.records] for t, r in ((together, run), (one, 0)))
        np.testing.assert_allclose(losses, own, rtol=2e-3)
        weights, expected = together.weights()[run], one.weights()[0]
        assert set(weights) == set(expected)
        gaps = np.concatenate([np.abs(weights[k] - expected[k]).ravel() for k in expected])
        moved = TINY.generator_learning_rate * 6
        # Adam moves a weight whose gradient is near 0 by its sign, which rounding decides.
        assert np.mean(gaps > 0.01 * moved) < 0.02
        assert gaps.max() < 10 * moved


@pytest.mark.parametrize("at_once", ["auto", 2, 3])
def test_a_chunk_is_trained_so_many_runs_at_once(at_once: int | str) -> None:
    """One after the other on the CPU unless asked otherwise; every run is told by its name."""
    parameters = Train.model_validate(
        {**TINY.model_dump(), "device": "cpu", "runs_at_once": at_once}
    )
    assert count_at_once(parameters, 3) == {"auto": 1, 2: 2, 3: 3}[at_once]
    runs = train_runs(random_rolls(20), 3, parameters, THREE, checkpoints=None, label="gan")
    assert list(runs) == list(THREE)
    for name, run in runs.items():
        assert run.status == "ok"
        expected = train_one(3, seeds=THREE[name]).history
        for measure in ("generator_loss", "discriminator_loss"):
            np.testing.assert_allclose(run.history[measure], expected[measure], rtol=1e-3)


@pytest.mark.parametrize("at_once", [1, 3])
def test_bf16_learns_about_the_same(at_once: int) -> None:
    """Losses in bf16 differ from those in fp32, by little; weights stay float32."""
    settings = {"width": 0.02, "batch_size": 8, "device": "cpu", "runs_at_once": at_once}
    full, low = (
        train_runs(
            random_rolls(20),
            3,
            Train.model_validate({**settings, "precision": precision}),
            THREE,
            checkpoints=None,
            label="gan",
        )
        for precision in ("fp32", "bf16")
    )
    for name, run in low.items():
        losses, expected = (r.history["discriminator_loss"] for r in (run, full[name]))
        assert not np.array_equal(losses, expected)
        np.testing.assert_allclose(losses, expected, rtol=0.05)
        assert {values.dtype for values in weights_of(run).values()} == {np.dtype("float32")}


class Killed(GanTrainee):
    """Stops without warning before its sixth update, one after the checkpoint."""

    def step(self, index: int) -> Mapping[str, float]:
        if index == 5:
            raise KeyboardInterrupt
        return super().step(index)


@pytest.mark.parametrize("seeds", [[SEEDS], list(THREE.values())], ids=["alone", "side_by_side"])
def test_a_resumed_run_ends_as_an_unbroken_one(tmp_path: Path, seeds: list[RunSeeds]) -> None:
    """Stopped in the middle of an epoch and resumed, weights and records are the same bits."""
    rolls, path = random_rolls(20), tmp_path / "run.checkpoint"
    whole = make(rolls, TINY, *seeds)
    train(whole, 8, checkpoint=None, checkpoint_every=100, label="run")
    killed = Killed(rolls, TINY, seeds, CPU)
    with pytest.raises(KeyboardInterrupt):
        train(killed, 8, checkpoint=path, checkpoint_every=2, label="run")
    resumed = make(rolls, TINY, *seeds)
    train(resumed, 8, checkpoint=path, checkpoint_every=2, label="run")
    assert resumed.records == whole.records
    for mine, expected in zip(resumed.weights(), whole.weights(), strict=True):
        assert all(np.array_equal(mine[name], expected[name]) for name in expected)


def test_finished_runs_of_a_stopped_chunk_are_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the second of three runs, the first one is taken from the folder as it was."""
    rolls = random_rolls(20)

    def train_all(folder: Path | None) -> dict[str, TrainedRun]:
        return train_runs(rolls, 4, TINY, THREE, checkpoints=folder, label="gan")

    expected = train_all(None)
    step, steps = GanTrainee.step, []

    def counted(self: GanTrainee, index: int) -> Mapping[str, float]:
        if len(steps) == 6:
            raise KeyboardInterrupt
        steps.append(index)
        return step(self, index)

    monkeypatch.setattr(GanTrainee, "step", counted)
    with pytest.raises(KeyboardInterrupt):
        train_all(tmp_path)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["run_000.trained"]
    steps.append(-1)  # past the stop
    runs = train_all(tmp_path)
    assert steps == [0, 1, 2, 3, 0, 1, -1, 0, 1, 2, 3, 0, 1, 2, 3]
    for name, run in runs.items():
        mine, own = weights_of(run), weights_of(expected[name])
        assert all(np.array_equal(mine[key], own[key]) for key in own)
        columns = ["update", "generator_loss", "discriminator_loss", "status", "threads"]
        assert run.history[columns].equals(expected[name].history[columns])


def test_a_damaged_result_of_a_finished_run_is_refused(tmp_path: Path) -> None:
    """A stored run carries its checksum; what does not match it is never taken for weights."""
    arguments = (random_rolls(20), 2, TINY, {"run": SEEDS})
    train_runs(*arguments, checkpoints=tmp_path, label="gan")
    path = tmp_path / "run.trained"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(StorageError, match="run.trained"):
        train_runs(*arguments, checkpoints=tmp_path, label="gan")


WILD = Train(
    width=0.02,
    batch_size=8,
    generator_learning_rate=1e30,
    discriminator_learning_rate=1e30,
    device="cpu",
)


def test_a_diverged_run_is_recorded_not_raised(tmp_path: Path) -> None:
    """Losses that leave the finite numbers end the run with status diverged and no weights."""
    for _ in range(2):  # the second time from its stored result
        runs = train_runs(
            random_rolls(20), 30, WILD, {"run": SEEDS}, checkpoints=tmp_path, label="gan"
        )
        assert runs["run"].status == "diverged"
        assert runs["run"].state is None
        assert set(runs["run"].history["status"]) == {"diverged"}
        assert runs["run"].history["generator_loss"].notna().all()


def test_a_run_that_diverges_leaves_those_beside_it_alone() -> None:
    """With one run's weights not a number from the third update on, the others go on as alone."""

    class Poisoned(GanTrainee):
        def step(self, index: int) -> Mapping[str, float]:
            if index == 2:
                for parameter in self.generator.parameters():
                    parameter.data.chunk(self.runs)[1].fill_(float("nan"))
            return super().step(index)

    rolls = random_rolls(20)
    trainee = Poisoned(rolls, TINY, list(THREE.values()), CPU)
    train(trainee, 5, checkpoint=None, checkpoint_every=100, label="run")
    assert trainee.finite == [5, 2, 5]
    assert [len(trainee.history(run)) for run in range(3)] == [5, 2, 5]
    for run in (0, 2):
        alone = make(rolls, TINY, list(THREE.values())[run])
        for index in range(5):
            alone.step(index)
        own = [measured[0] for measured in alone.records]
        np.testing.assert_allclose([measured[run] for measured in trainee.records], own, rtol=2e-3)


def test_history_has_means_over_stretches_of_updates() -> None:
    """A run leaves at most 100 rows, the last one at its last update."""
    run = train_one(5)
    assert run.history["update"].tolist() == [1, 2, 3, 4, 5]
    assert set(run.history["status"]) == {"ok"}
    assert run.history["generator_loss"].notna().all()
    assert len(train_one(101).history) <= 100
