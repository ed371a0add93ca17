"""Figures of an image study: how it was trained, and what its predictions are."""

from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.images.parameters import Train
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files


def draw_confusion(*outputs: "Arrays") -> "Files":
    """Draw the confusion matrix of every arm."""
    from fairtrial.images.exhibits.confusion import confusion_exhibit

    return confusion_exhibit(outputs)


def draw_curves(*histories: "pd.DataFrame", arms: list[str]) -> "Files":
    """Draw the learning curves of every trial."""
    from fairtrial.images.exhibits.training import curves_exhibit

    return curves_exhibit(list(zip(arms, histories, strict=True)))


def list_recipes(train: Train, *arms_and_outputs: Any, arms: list[str]) -> "Files":
    """Tabulate what each arm is: the parameters of every arm come first, then all outputs."""
    from fairtrial.images.exhibits.training import recipes_exhibit

    recipes = dict(zip(arms, arms_and_outputs[: len(arms)], strict=True))
    return recipes_exhibit(arms_and_outputs[len(arms) :], recipes, train)


def create_figure_nodes(study: Study) -> list[Node]:
    """Histories and outputs to figures."""
    outputs, histories = (trial_datasets(study, kind) for kind in ("outputs", "history"))
    return [
        make_node(
            draw_confusion,
            outputs,
            "figure__confusion",
            stage="evaluate",
            name="draw_confusion",
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
