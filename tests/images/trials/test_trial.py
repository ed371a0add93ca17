"""Trials: resuming in mid-epoch whatever the recipe, early ends, found rates, class weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import ConfigError, DataError, TrialError
from fairtrial.core.parameters import check_parameters
from fairtrial.core.records import Models
from fairtrial.images.parameters import Arm, Train
from fairtrial.images.parameters.arm import recipe_of
from fairtrial.images.trials.predict import predict_trials
from fairtrial.images.trials.train import train_trials
from fairtrial.images.trials.trainee import ClassifierTrainee, Plan
from fairtrial.images.trials.trial import weigh_classes
from fairtrial.training.compute import Compute, ComputePlan
from tests.images.studies import tiny, trials

# With batch norms and dropout; its convolutions are grouped in `mobilenet_v2` alone.
RESIDUAL = Arm(network="residual", dropout=0.2, image_side_px=16)
MOBILE = Arm(network="mobilenet_v2", image_side_px=32)
BF16 = {"precision": "bf16", "channels_last": True}


def run(
    arm: Arm, checkpoints: Path | None = None, plan: ComputePlan | None = None, **train: Any
) -> tuple[Models, pd.DataFrame]:
    data = tiny()
    wanted = replace(trials(arm, **{"epochs": 3, "checkpoint_every": 1, **train}), compute=plan)
    return train_trials(wanted, data.pack, None, data.manifest, data.splits, checkpoints)


def stop_before(patch: pytest.MonkeyPatch, update: int) -> None:
    """Let every training stop, as a kill would, before the update of this index."""
    step = ClassifierTrainee.step

    def stopping(self: ClassifierTrainee, index: int) -> dict[str, float]:
        if index == update:
            raise KeyboardInterrupt
        return step(self, index)

    patch.setattr(ClassifierTrainee, "step", stopping)


@pytest.mark.parametrize(
    ("arm", "train"),
    [
        (RESIDUAL, {"schedule": "constant"}),
        (RESIDUAL, BF16),
        (MOBILE, {"precision": "hybrid", "channels_last": True, "epochs": 2}),
        (RESIDUAL, {"schedule": "one_cycle", "precise_batch_norm": True, "weight_decay": 0.1}),
        (RESIDUAL, {"patience_looks": 1, "validate_every_updates": 1, "learning_rate": 0.05}),
        (RESIDUAL, {"class_weights": "balanced", "learning_rate": "auto", "epochs": 2}),
    ],
    ids=["plain", "bf16", "hybrid", "one_cycle", "early_stopping", "weights_and_rate"],
)
def test_a_training_stopped_in_mid_epoch_ends_in_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arm: Arm, train: dict[str, Any]
) -> None:
    """Weights, batch-norm statistics and history of a resumed training equal an unbroken one's."""
    expected, history = run(arm, **train)
    per_epoch = int((history["epoch"] == 1).sum())
    with monkeypatch.context() as patch:
        # In the first epoch where a training ends early, else in the second.
        last = len(history) - 1
        at = min(per_epoch + 1, last)
        assert at % per_epoch
        stop_before(patch, at)
        with pytest.raises(KeyboardInterrupt):
            run(arm, tmp_path, **train)
    assert [file.name for file in tmp_path.iterdir()] == ["fold_0.checkpoint"]
    resumed, again = run(arm, tmp_path, **train)
    assert resumed.description == expected.description
    state, other = resumed.states["fold_0"], expected.states["fold_0"]
    assert state.keys() == other.keys()
    assert all(np.array_equal(state[name], other[name]) for name in state)
    pd.testing.assert_frame_equal(history.drop(columns="seconds"), again.drop(columns="seconds"))


def test_looks_come_every_n_updates_and_at_the_end() -> None:
    """``validate_every_updates: 4`` looks after the 4th, 8th, ... and the last update."""
    _, history = run(RESIDUAL, validate_every_updates=4, validate_every_epochs=2)
    looked = history.loc[history["valid_loss"].notna(), "update"].tolist()
    assert looked == sorted({*range(4, len(history) + 1, 4), len(history)})
    assert len(history) % 4


def test_patience_ends_a_training_and_its_updates_are_its_budget() -> None:
    """Looks without gain end it; the outcome counts the updates made; the best is kept."""
    settings = {"patience_looks": 2, "validate_every_updates": 1, "learning_rate": 0.05}
    models, history = run(RESIDUAL, epochs=12, **settings)
    losses = history["valid_loss"].to_numpy()
    assert len(losses) - 1 - losses.argmin() == 2
    assert models.description["blocks"]["fold_0"]["updates"] == len(history) < 12 * 4
    assert set(models.states) == {"fold_0"}


def test_a_found_rate_is_recorded_and_its_updates_count() -> None:
    """The range test is deterministic, leaves the model untouched, and is paid for."""
    models, history = run(RESIDUAL, learning_rate="auto", epochs=1, schedule="constant")
    outcome = models.description["blocks"]["fold_0"]
    assert history["learning_rate"].unique().tolist() == [outcome["learning_rate"]]
    assert 1e-6 < outcome["learning_rate"] < 1
    assert outcome["updates"] == len(history) + outcome["range_updates"]
    given, _ = run(RESIDUAL, learning_rate=outcome["learning_rate"], epochs=1, schedule="constant")
    for name, value in models.states["fold_0"].items():
        np.testing.assert_array_equal(value, given.states["fold_0"][name])


def test_decay_is_decoupled_and_nothing_without_a_rate() -> None:
    """Decay shrinks weights by rate times decay, gradients apart; none is plain Adam."""
    plain, _ = run(RESIDUAL, epochs=1, schedule="constant", learning_rate=1e-3)
    zero, _ = run(RESIDUAL, epochs=1, schedule="constant", learning_rate=1e-3, weight_decay=0.0)
    decayed, _ = run(RESIDUAL, epochs=1, schedule="constant", learning_rate=1e-3, weight_decay=100)
    name = "head.linear.weight"
    one, two, three = (models.states["fold_0"][name] for models in (plain, zero, decayed))
    np.testing.assert_array_equal(one, two)
    assert np.abs(three).mean() < 0.8 * np.abs(one).mean()


def test_an_arm_sets_its_own_decay_even_to_none() -> None:
    """Zero is a value of its own, not an absence."""
    train = Train(weight_decay=0.3)
    assert recipe_of(Arm(network="residual", weight_decay=0.0), train).weight_decay == 0.0
    assert recipe_of(Arm(network="residual"), train).weight_decay == 0.3


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    """Inverse frequencies whose mean over the items is one."""
    from sklearn.utils.class_weight import compute_class_weight

    y = np.repeat([0, 1, 2], [50, 30, 20])
    found = weigh_classes("balanced", y, ("a", "b", "c"), "here")
    expected = compute_class_weight("balanced", classes=np.arange(3), y=y)
    assert found is not None
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)
    given = weigh_classes({"c": 3.0, "a": 1.0, "b": 2.0}, y, ("a", "b", "c"), "here")
    assert given is not None
    assert given.tolist() == [1.0, 2.0, 3.0]
    assert weigh_classes("none", y, ("a", "b", "c"), "here") is None


def test_bad_class_weights_are_refused() -> None:
    """Weights of other classes, or balanced ones for a class never seen, are errors."""
    with pytest.raises(ConfigError, match="a weight for each of a, b, found a, x"):
        weigh_classes({"a": 1.0, "x": 1.0}, np.array([0, 1]), ("a", "b"), "here")
    with pytest.raises(DataError, match="training items of every class .* found none of b"):
        weigh_classes("balanced", np.array([0, 0]), ("a", "b"), "here")


def test_class_weights_move_the_decision() -> None:
    """A class of heavy weight is predicted more often."""
    data = tiny()
    labels = sorted(set(data.manifest["label"]))
    weights = {label: 1000.0 if label == labels[0] else 1.0 for label in labels}
    models, _ = run(RESIDUAL, class_weights=weights, learning_rate=0.01)
    outputs = predict_trials(data.pack, models, data.manifest, data.splits, "cpu")
    assert (outputs["probabilities"].argmax(1) == 0).mean() > 0.9


def test_a_measured_plan_is_what_is_trained_and_predicted_with() -> None:
    """The plan's precisions stand in the description, and the weights differ from fp32's."""
    plan = ComputePlan(Compute("bf16", channels_last=True), Compute(), 1, measured=True)
    models, _ = run(RESIDUAL, plan=plan, epochs=1)
    described = models.description
    assert described["trained_with"] == {"precision": "bf16", "channels_last": True}
    assert (described["precision"], described["channels_last"]) == ("fp32", False)
    assert (described["compute"], described["threads"]) == ("measured", 1)
    plain, _ = run(RESIDUAL, epochs=1)
    assert not np.array_equal(
        models.states["fold_0"]["head.linear.weight"], plain.states["fold_0"]["head.linear.weight"]
    )
    data = tiny()
    outputs = predict_trials(data.pack, models, data.manifest, data.splits, "cpu")
    assert outputs.description["trained_with"]["precision"] == "bf16"


def test_a_study_to_be_measured_never_trains_unmeasured() -> None:
    """Without a plan, ``compute: measured`` is an error, not a quiet fp32."""
    with pytest.raises(ConfigError, match=r"tiny.train.compute: expected fixed"):
        run(RESIDUAL, compute="measured")


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("learning_rate", 0, "a number above 0, or auto"),
        ("learning_rate", "fast", "a number above 0, or auto"),
        ("learning_rate", True, "a number above 0, or auto"),
        ("class_weights", "even", "none, balanced, or a number above 0 for each class"),
        ("class_weights", {"covid": -1}, "none, balanced, or a number above 0 for each class"),
        ("patience_looks", 0, "greater than or equal to 1"),
        ("precision", "fp16", "'fp32', 'bf16' or 'hybrid'"),
        ("weight_decay", -0.1, "greater than or equal to 0"),
    ],
)
def test_bad_parameters_are_named(key: str, value: object, rule: str) -> None:
    """One rule and the value seen, whatever a parameter may be."""
    with pytest.raises(ConfigError) as caught:
        check_parameters(Train, {key: value}, "xray.train")
    assert rule in str(caught.value)
    assert "xray.train" in str(caught.value)


def test_a_plan_to_be_measured_leaves_no_precision_to_choose() -> None:
    """``compute: measured`` beside a precision is a contradiction."""
    with pytest.raises(ValueError, match="only with compute: fixed"):
        Train(compute="measured", precision="bf16")


def test_a_rate_still_to_be_found_is_no_rate() -> None:
    """A trainee refuses a plan whose rate nobody found."""
    plan = Plan(recipe_of(RESIDUAL, Train(learning_rate="auto")), 1, False)
    with pytest.raises(TrialError, match="Find it first"):
        _ = plan.rate
    assert plan.with_rate(0.5).rate == 0.5
