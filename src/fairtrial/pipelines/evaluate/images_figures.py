"""Figures of an image study: what each arm is, reaches, looks at and costs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.images.exhibits import PICTURES, PREDICTIONS
from fairtrial.images.parameters import Evaluate, Train
from fairtrial.pipelines.evaluate.images_audit import probe_outputs
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files, Models


def draw_predictions(
    manifest: "pd.DataFrame",
    evaluate: Evaluate,
    seed: int,
    *outputs: "Arrays",
    study: str,
    probes: int,
) -> "tuple[Files, ...]":
    """Draw what the test predictions say; the last ``probes`` outputs are of trivial models."""
    from fairtrial.images.exhibits.predictions import prediction_exhibits

    arms, trivial = outputs[: len(outputs) - probes], outputs[len(outputs) - probes :]
    found = prediction_exhibits(arms, manifest, evaluate, study, seed, trivial)
    return tuple(found[name] for name in PREDICTIONS)


def draw_pictures(pack: "Arrays", seed: int, *outputs: "Arrays", study: str) -> "tuple[Files, ...]":
    """Draw some test pictures with their predictions, and the worst mistakes."""
    from fairtrial.images.exhibits.predictions import picture_exhibits

    found = picture_exhibits(outputs, pack, study, seed)
    return tuple(found[name] for name in PICTURES)


def draw_heat(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    evaluate: Evaluate,
    train: Train,
    seed: int,
    *models: "Models",
    study: str,
) -> "Files":
    """Draw Grad-CAM heat maps of every arm."""
    from fairtrial.images.exhibits.heat import heat_exhibit
    from fairtrial.images.trials.weights import frozen_base

    known = [(found, frozen_base(found.description, train.weights_dir)) for found in models]
    place = (seed, study)
    return heat_exhibit(known, pack, manifest, splits, evaluate.body, train.device, place)


def measure_costs(
    scores: "pd.DataFrame", ledger: "pd.DataFrame", pack: "Arrays", train: Train, *models: "Models"
) -> "Files":
    """Measure what a prediction of every arm costs, and set it beside accuracy."""
    from fairtrial.images.exhibits.costs import costs_exhibit
    from fairtrial.images.trials.weights import frozen_base

    known = [(found, frozen_base(found.description, train.weights_dir)) for found in models]
    return costs_exhibit(known, scores, ledger, pack, train.device)


def draw_curves(*histories: "pd.DataFrame", arms: list[str]) -> "Files":
    """Draw the learning curves of every trial."""
    from fairtrial.images.exhibits.training import curves_exhibit

    return curves_exhibit(list(zip(arms, histories, strict=True)))


def list_recipes(train: Train, *arms_and_outputs: Any, arms: list[str]) -> "Files":
    """Tabulate what each arm is: the parameters of every arm come first, then all outputs."""
    from fairtrial.images.exhibits.training import recipes_exhibit

    recipes = dict(zip(arms, arms_and_outputs[: len(arms)], strict=True))
    return recipes_exhibit(arms_and_outputs[len(arms) :], recipes, train)


def create_figure_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
    """Histories and outputs to figures."""
    probes = probe_outputs(groups)
    outputs, histories = (trial_datasets(study, kind) for kind in ("outputs", "history"))
    # One model an arm explains and is timed: that of its first chunk.
    models = [f"model__{name}__0" for name in study.arms]
    return [
        make_node(
            draw_predictions,
            ["manifest", "params:evaluate", "params:seed", *outputs, *probes],
            [f"figure__{name}" for name in PREDICTIONS],
            stage="evaluate",
            name="draw_predictions",
            study=study.name,
            probes=len(probes),
        ),
        make_node(
            draw_pictures,
            ["pack", "params:seed", *outputs],
            [f"figure__{name}" for name in PICTURES],
            stage="evaluate",
            name="draw_pictures",
            study=study.name,
        ),
        make_node(
            draw_heat,
            [
                "pack",
                "manifest",
                "splits",
                "params:evaluate",
                "params:train",
                "params:seed",
                *models,
            ],
            "figure__heat",
            stage="evaluate",
            name="draw_heat",
            study=study.name,
        ),
        make_node(
            measure_costs,
            ["scores", "ledger", "pack", "params:train", *models],
            "figure__costs",
            stage="evaluate",
            name="measure_costs",
        ),
        make_node(
            draw_curves,
            histories,
            "figure__curves",
            stage="evaluate",
            name="draw_curves",
            arms=[name for name in study.arms for _ in study.chunks()],
        ),
        make_node(
            list_recipes,
            ["params:train", *(f"params:arms.{name}" for name in study.arms), *outputs],
            "figure__recipes",
            stage="evaluate",
            name="list_recipes",
            arms=list(study.arms),
        ),
    ]
