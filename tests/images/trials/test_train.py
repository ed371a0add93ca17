"""Training: seeds, resuming, frozen bases, divergence, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from fairtrial.core.errors import DataError, StorageError
from fairtrial.core.records import Arrays, Models
from fairtrial.images.items import items_of, rows_by_role
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm
from fairtrial.images.scoring.scores import score_rows
from fairtrial.images.trials import trainee as trainee_module
from fairtrial.images.trials.bank import cache_features, make_copies
from fairtrial.images.trials.feed import Features, Pictures
from fairtrial.images.trials.forward import estimate_batch_norm
from fairtrial.images.trials.predict import predict_trials
from fairtrial.images.trials.train import Trials, train_trials
from fairtrial.images.trials.trainee import ClassifierTrainee
from fairtrial.images.trials.weights import wanted_weights
from fairtrial.training.weights import recipe_digits
from tests.images.studies import BLOCKS, tiny, trials
from tests.images.support import whole

RESIDUAL = Arm(network="residual", dropout=0.2, image_side_px=16)


def run(
    wanted: Trials,
    checkpoints: Path | None = None,
    inputs: Arrays | None = None,
    copies: Arrays | None = None,
) -> tuple[Models, pd.DataFrame]:
    data = tiny()
    return train_trials(
        wanted, inputs or data.pack, copies, data.manifest, data.splits, checkpoints
    )


def equal(one: Models, other: Models) -> bool:
    """Whether two sets of trained weights are the same bits."""
    return one.states.keys() == other.states.keys() and all(
        np.array_equal(one.states[block][name], other.states[block][name])
        for block in one.states
        for name in one.states[block]
    )


def test_two_runs_are_bit_identical() -> None:
    """The same seed gives the same weights and the same history, seconds aside."""
    (one, history), (two, again) = run(trials(RESIDUAL)), run(trials(RESIDUAL))
    assert equal(one, two)
    pd.testing.assert_frame_equal(history.drop(columns="seconds"), again.drop(columns="seconds"))


def test_the_chunk_does_not_enter_a_seed() -> None:
    """A block trained alone equals the same block trained beside another."""
    both, _ = run(trials(RESIDUAL, BLOCKS[:2]))
    alone, _ = run(trials(RESIDUAL, BLOCKS[1:2]))
    assert set(both.states) == {"fold_0", "fold_1"}
    for name, value in alone.states["fold_1"].items():
        np.testing.assert_array_equal(value, both.states["fold_1"][name])


@pytest.mark.parametrize("stop_at", [2, 4, 7])
def test_a_kill_in_mid_epoch_resumes_bit_identically(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    """A training that stops at any update and goes on ends in the same weights."""
    wanted = trials(RESIDUAL, epochs=3, checkpoint_every=1)
    whole_run, history = run(wanted)
    step = ClassifierTrainee.step

    def stop(self: ClassifierTrainee, index: int) -> dict[str, float]:
        if index == stop_at:
            raise KeyboardInterrupt
        return step(self, index)

    monkeypatch.setattr(trainee_module.ClassifierTrainee, "step", stop)
    with pytest.raises(KeyboardInterrupt):
        run(wanted, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["fold_0.checkpoint"]
    monkeypatch.undo()
    resumed, resumed_history = run(wanted, tmp_path)
    assert equal(resumed, whole_run)
    pd.testing.assert_frame_equal(
        history.drop(columns="seconds"), resumed_history.drop(columns="seconds")
    )
    assert list(tmp_path.iterdir()) == []


def test_arms_of_a_block_share_batches_and_warps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two arms of a block see the same pictures in the same order with the same warps."""
    seen: dict[str, list[torch.Tensor]] = {}
    varied = Pictures.varied

    def note(self: Pictures, rows: np.ndarray, generator: torch.Generator) -> torch.Tensor:
        batch = varied(self, rows, generator)
        seen.setdefault(arm, []).append(batch)
        return batch

    monkeypatch.setattr(Pictures, "varied", note)
    for arm, network in (("one", "residual"), ("two", "squeezenet")):
        run(trials(Arm(network=network), name=arm))
    assert len(seen["one"]) == len(seen["two"]) > 0
    assert all(torch.equal(a, b) for a, b in zip(seen["one"], seen["two"], strict=True))


def test_only_training_pictures_are_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """No update meets a validation or test picture."""
    data, met = tiny(), set()
    varied = Pictures.varied

    def note(self: Pictures, rows: np.ndarray, generator: torch.Generator) -> torch.Tensor:
        met.update(rows.tolist())
        return varied(self, rows, generator)

    monkeypatch.setattr(Pictures, "varied", note)
    run(trials(RESIDUAL, epochs=2))
    rows = rows_by_role(items_of(data.pack, data.manifest), data.splits, "fold_0")
    assert met
    assert met <= set(rows["train"].tolist())


def test_divergence_is_recorded_and_the_other_blocks_go_on() -> None:
    """A trial whose loss leaves the finite has status diverged, no weights and null scores."""
    data = tiny()
    wanted = trials(RESIDUAL, BLOCKS[:2], learning_rate=1e30, schedule="constant", epochs=3)
    models, _ = run(wanted)
    assert {block: o["status"] for block, o in models.description["blocks"].items()} == {
        "fold_0": "diverged",
        "fold_1": "diverged",
    }
    assert models.states == {}
    outputs = predict_trials(data.pack, models, data.manifest, data.splits, "cpu")
    rows = score_rows([outputs], data.splits, {"manifest_sha256": "m", "splits_sha256": "s"})
    assert {row["status"] for row in rows} == {"diverged"}
    assert all(row["value"] is None for row in rows)


def test_predictions_that_are_not_finite_are_no_predictions() -> None:
    """Weights that give NaN are a diverged trial, never an argmax."""
    data = tiny()
    models, _ = run(trials(RESIDUAL))
    bad = {name: np.array(value) for name, value in models.states["fold_0"].items()}
    bad["head.linear.bias"][:] = np.nan
    broken = Models({"fold_0": bad}, models.description)
    outputs = predict_trials(data.pack, broken, data.manifest, data.splits, "cpu")
    assert outputs.description["blocks"]["fold_0"]["status"] == "diverged"
    assert len(outputs["y"]) == 0


def test_precise_batch_norm_is_the_statistics_of_clean_batches() -> None:
    """After the pass the first norm holds mean and variance of its own clean input."""
    data = tiny()
    network = NETWORKS.load("residual")
    model = network.build()
    feed = Pictures(data.pack, 32, torch.device("cpu"))
    rows = np.arange(40)
    rgb = feed.clean(rows).expand(-1, 3, -1, -1)
    feed.clean = lambda _: rgb  # type: ignore[method-assign]
    estimate_batch_norm(model, feed, rows)
    maps = model.stem[0](rgb)
    torch.testing.assert_close(model.stem[1].running_mean, maps.mean((0, 2, 3)), atol=1e-5, rtol=0)
    torch.testing.assert_close(model.stem[1].running_var, maps.var((0, 2, 3)), atol=1e-5, rtol=1e-3)
    assert model.stem[1].momentum == 0.1


@pytest.fixture(scope="module")
def weights_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights of a seed for SqueezeNet."""
    folder = tmp_path_factory.mktemp("weights")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        torch.save(NETWORKS.load("squeezenet").build().state_dict(), folder / "squeezenet1_0_x.pth")
    return folder


FROZEN = Arm(network="squeezenet", init="frozen", augment="bank")


def test_a_frozen_base_is_computed_once_and_stays(weights_dir: Path) -> None:
    """Features equal the base's own; only a head is trained; its scaling fits training rows."""
    data = tiny()
    copies = whole(make_copies(data.pack, trials(FROZEN).augment, "tiny", 0))
    assert copies["pixels"].shape == (len(data.pack["pixels"]), 2, 32, 32, 1)
    wanted = trials(FROZEN, weights_dir=str(weights_dir), epochs=2)
    bank = cache_features(data.pack, copies, FROZEN, wanted.train, "here")
    assert bank["features"].shape == (len(copies["pixels"]), 3, 512)
    alone = cache_features(data.pack, None, FROZEN, wanted.train, "here")
    np.testing.assert_allclose(bank["features"][:, 0], alone["features"][:, 0], atol=1e-5)
    models, _ = run(wanted, inputs=bank)
    state = models.states["fold_0"]
    assert set(state) == {"mean", "std", "linear.weight", "linear.bias"}
    rows = rows_by_role(items_of(bank, data.manifest), data.splits, "fold_0")
    fitted = Features(bank, torch.device("cpu")).all_versions(rows["train"])
    np.testing.assert_allclose(state["mean"], fitted.mean(0).numpy(), atol=1e-6)


def test_scaling_does_not_see_test_pictures(weights_dir: Path) -> None:
    """Other test features leave the trained head as it was, bit for bit."""
    data = tiny()
    arm = Arm(network="squeezenet", init="frozen", augment="none")
    wanted = trials(arm, weights_dir=str(weights_dir))
    bank = cache_features(data.pack, None, arm, wanted.train, "here")
    rows = rows_by_role(items_of(bank, data.manifest), data.splits, "fold_0")
    changed = bank["features"].copy()
    changed[rows["test"]] += 100
    other = Arrays({"features": changed}, bank.description)
    assert equal(run(wanted, inputs=bank)[0], run(wanted, inputs=other)[0])


def test_finetuning_starts_from_the_weights(weights_dir: Path) -> None:
    """A rate next to nothing leaves a fine-tuned base at its published weights."""
    arm = Arm(network="squeezenet", init="finetune")
    models, _ = run(trials(arm, weights_dir=str(weights_dir), learning_rate=1e-12))
    published = torch.load(weights_dir / "squeezenet1_0_x.pth", weights_only=True)
    found = models.states["fold_0"]["base.network.features.0.weight"]
    np.testing.assert_allclose(found, published["features.0.weight"].numpy(), atol=1e-7)
    assert models.description["weights"]["file"] == "squeezenet1_0_x.pth"


def test_weights_swapped_after_the_recipe_was_read_are_refused(weights_dir: Path) -> None:
    """A frozen and a fine-tuned base load only the weights whose hash is in their recipe."""
    arm = Arm(network="squeezenet", init="finetune")
    wanted = trials(arm, weights_dir=str(weights_dir))
    right = recipe_digits(wanted_weights(arm, str(weights_dir), "here"))
    assert replace(wanted, digits=right).weights() is not None
    with pytest.raises(StorageError, match="SHA-256 begins with 0123"):
        run(replace(wanted, digits="0123"))
    with pytest.raises(StorageError, match="SHA-256 begins with 0123"):
        cache_features(tiny().pack, None, FROZEN, wanted.train, "here", "0123")


def test_the_number_of_threads_of_the_caller_does_not_matter() -> None:
    """Trained with four threads at hand or with one, the weights are the same bits."""
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 4):
            torch.set_num_threads(threads)
            found.append(run(trials(RESIDUAL))[0])
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert equal(*found)
    assert [models.description["threads"] for models in found] == [1, 1]


def test_inputs_that_do_not_belong_together_are_refused() -> None:
    """A pack of other items than the manifest's is an error."""
    data = tiny()
    stranger = Arrays(data.pack.arrays, {**data.pack.description, "items": ["x"]})
    with pytest.raises(DataError, match="the 48 items of the manifest"):
        run(trials(RESIDUAL), inputs=stranger)
    with pytest.raises(DataError, match="splits: fold_0: expected each of 48 items once"):
        train_trials(trials(RESIDUAL), data.pack, None, data.manifest, data.splits.iloc[1:], None)
