"""The space of hyper-parameters: what a point means, and what cannot be searched."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import check_parameters
from fairtrial.core.study import Study
from fairtrial.images.parameters import Augment, Ingest, Train
from fairtrial.images.parameters.tune import PARAMETERS, Dimension, Tune
from fairtrial.images.tuning.ready import check_ready
from fairtrial.images.tuning.space import Infeasible, Space
from fairtrial.optimizers.recipe import Recipe

PLACES = st.floats(0, 1)


def space(recipe: dict[str, Any], search: dict[str, Any], **more: Any) -> Space:
    tune = Tune.model_validate({"recipe": recipe, "search": search, **more})
    return Space(tune, Train(), Augment())


@given(PLACES, st.booleans())
def test_real_values_stay_in_their_range(place: float, log: bool) -> None:
    """Both ends are reached, and nothing lies beyond them."""
    dimension = Dimension(low=0.001, high=3.0, log=log)
    assert 0.001 <= dimension.value(place) <= 3.0
    assert dimension.ends() == (0.001, 3.0)
    middle = math.sqrt(0.003) if log else 1.5005
    assert dimension.value(0.5) == pytest.approx(middle, rel=1e-5)


@pytest.mark.parametrize("log", [False, True])
def test_whole_numbers_and_choices_share_the_axis(log: bool) -> None:
    """Every value has a part of [0, 1]: equal ones, or equal in magnitude with log."""
    places = np.linspace(0, 1, 4001)
    found = [Dimension(low=1, high=8, integer=True, log=log).value(place) for place in places]
    assert sorted(set(found)) == list(range(1, 9))
    assert all(isinstance(value, int) for value in found)
    share = [found.count(value) / 4001 for value in range(1, 9)]
    width = [math.log((v + 0.5) / (v - 0.5)) / math.log(17) if log else 1 / 8 for v in range(1, 9)]
    assert share == pytest.approx(width, abs=1e-3)
    choices = Dimension(choices=(None, "a", [64]))
    assert [choices.value(place) for place in (0, 0.3, 0.34, 0.66, 0.67, 1)] == [
        None, None, "a", "a", [64], [64]
    ]  # fmt: skip


@given(PLACES)
def test_a_stored_value_is_the_one_that_was_tried(place: float) -> None:
    """What a table shows has six digits, and they are all that the training got."""
    value = Dimension(low=1e-5, high=1e-1, log=True).value(place)
    assert float(f"{value:.6g}") == value


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "low and high, or choices"),
        ({"low": 1.0}, "low and high, or choices"),
        ({"low": 2.0, "high": 1.0}, "low below high"),
        ({"low": 0.0, "high": 1.0, "log": True}, "low above 0 with log: true"),
        ({"low": 0.5, "high": 3.0, "integer": True}, "whole numbers as low and high"),
        ({"low": 1.0, "choices": [1, 2]}, "choices alone"),
        ({"choices": [1, 1]}, "choices that differ"),
        ({"choices": [1]}, "at least 2"),
        ({"low": "1", "high": 2.0}, "low: expected a valid number"),
    ],
)
def test_a_wrong_range_is_told(values: dict[str, Any], message: str) -> None:
    """Each mistake is one message with its rule."""
    with pytest.raises(ConfigError) as caught:
        check_parameters(Dimension, values, "search.x")
    assert message in str(caught.value)


def test_a_point_becomes_a_recipe() -> None:
    """Each variable changes its own key; everything else stays, where to compute included."""
    search = {
        "train.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "arm.dropout": {"low": 0.0, "high": 0.5},
        "arm.head_layers": {"choices": [[], [16]]},
        "augment.rotation_deg": {"low": 0.0, "high": 30.0},
    }
    tune = Tune.model_validate({"recipe": {"network": "residual"}, "search": search})
    there = Space(tune, Train(device="cpu", weights_dir="w"), Augment())
    tried = there.recipe(there.values([0.5, 1.0, 1.0, 0.5]))
    assert tried.train == Train(device="cpu", weights_dir="w", learning_rate=1e-3)
    assert tried.arm.dropout == 0.5
    assert tried.arm.head_layers == (16,)
    assert tried.augment == Augment(rotation_deg=15.0)
    assert there.untuned().arm == tune.recipe


FROZEN = {"network": "squeezenet", "init": "frozen", "augment": "none"}
RANGE = {"low": 0.1, "high": 0.2}


@pytest.mark.parametrize(
    ("recipe", "search", "message"),
    [
        ({}, {"arm.drop": RANGE}, "s.arm.drop: expected a hyper-parameter that can be tuned"),
        ({}, {"dropout": RANGE}, "Known: arm.image_side_px"),
        ({}, {"arm.network": {"choices": ["residual", "resnet18"]}}, "that can be tuned"),
        ({}, {"train.device": {"choices": ["cpu", "cuda"]}}, "that can be tuned"),
        ({}, {"arm.dropout": {"low": 0.5, "high": 1.5}}, "s.arm.dropout: expected less than"),
        ({}, {"arm.epochs": RANGE}, "s.arm.epochs: expected a valid integer"),
        ({}, {"train.schedule": {"choices": ["constant", "cosine"]}}, "s.train.schedule"),
        (
            {"learning_rate": 0.1},
            {"train.learning_rate": RANGE},
            "found optimize.recipe.learning_rate: 0.1. Search arm.learning_rate instead",
        ),
        ({}, {"train.learning_rate": RANGE, "arm.learning_rate": RANGE}, "each parameter once"),
        (FROZEN, {"augment.shear_deg": RANGE}, "found mode none"),
        (FROZEN, {"arm.image_side_px": {"choices": [32, 64]}}, "features are computed once"),
        ({}, {"arm.unfreeze_from": {"choices": ["stem", "head"]}}, "only with init: finetune"),
    ],
)
def test_a_search_that_cannot_be_is_refused(
    recipe: dict[str, Any], search: dict[str, Any], message: str
) -> None:
    """A name that is not there, a value that no recipe takes, a change that no training reads."""
    with pytest.raises(ConfigError) as caught:
        space({"network": "residual", **recipe}, search).check("s")
    assert message in str(caught.value)


def test_values_that_exclude_each_other_are_an_outcome() -> None:
    """Each is allowed for itself; together they are an infeasible trial, not a crash."""
    search = {"train.compute": {"choices": ["fixed", "measured"]}}
    there = space({"network": "residual"}, search)
    with pytest.raises(Infeasible):
        there.recipe({"train.compute": "measured", "train.precision": "bf16"})


def entry(**changes: Any) -> tuple[Study, dict[str, Any]]:
    study = Study(
        name="fish_tuning",
        kind="images",
        arms_are="tuners",
        arms=("gsa", "luck"),
        blocks={"folds": 3},
        chunk=changes.get("chunk", 1),
        design="blocked",
        primary_metric="accuracy",
    )
    recipe = changes.get("recipe", {"network": "residual"})
    search = changes.get("search", {"arm.dropout": {"low": 0.0, "high": 0.5}})
    groups: dict[str, Any] = {
        "ingest": Ingest(root="somewhere", image_side_px=48),
        "split": PARAMETERS["split"](**changes.get("split", {})),
        "augment": Augment(),
        "train": Train(compute=changes.get("compute", "fixed")),
        "optimize": Tune.model_validate({"recipe": recipe, "search": search, "trials": 8}),
        "evaluate": PARAMETERS["evaluate"](),
        "arms": {
            "gsa": changes.get("gsa", Recipe(optimizer="gsa", population=4)),
            "luck": Recipe(optimizer="random_search"),
        },
    }
    return study, groups


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chunk": 2}, "studies.yml: fish_tuning.chunk: expected 1"),
        ({"recipe": {"network": "lenet"}}, "fish_tuning.optimize.recipe.network: expected a known"),
        (
            {"search": {"arm.image_side_px": {"choices": [32, 64]}}},
            "fish_tuning.optimize.search.arm.image_side_px: expected 16",
        ),
        (
            {"split": {"protocols": {"naive": ["gsa"]}}},
            "fish_tuning.split.protocols: expected none",
        ),
        ({"gsa": Recipe(optimizer="gsa")}, "arms.gsa.population: expected at most the budget of 8"),
        ({"gsa": Recipe(optimizer="highs")}, "arms.gsa.optimizer: expected one that needs values"),
    ],
)
def test_what_cannot_work_stops_before_it_starts(changes: dict[str, Any], message: str) -> None:
    """The place in the user's files, the rule and the remedy, before any picture is read."""
    check_ready(*entry())
    with pytest.raises(ConfigError) as caught:
        check_ready(*entry(**changes))
    assert message in str(caught.value)


def test_tuners_are_arms_of_image_studies_alone() -> None:
    """Another kind has no recipe to tune."""
    with pytest.raises(ConfigError, match="arms_are: tuners only with kind: images or melodies"):
        check_parameters(
            Study,
            {
                "name": "tank",
                "kind": "problems",
                "arms_are": "tuners",
                "arms": ["a", "b"],
                "blocks": {"runs": 3},
                "design": "blocked",
                "primary_metric": "relative_gap",
            },
            "studies.yml: tank",
        )
