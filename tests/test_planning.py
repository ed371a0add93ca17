"""How many trials a node of a pipeline is foreseen to run."""

from __future__ import annotations

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.images.parameters import Arm, Augment, Split, Train
from fairtrial.pipelines.train.images import create_images_pipeline
from fairtrial.planning import _foreseen, _kind, _trials

STUDY = Study(
    name="fish",
    kind="images",
    arms=("one", "two"),
    blocks={"folds": 5, "seeds": 2},
    design="blocked",
    primary_metric="accuracy",
    samples="fish_shapes",
)
GROUPS = {
    "augment": Augment(),
    "split": Split(protocols={"naive": ("one",), "by_source": ("one",)}),
    "train": Train(compute="measured"),
    "arms": {name: Arm(network="residual") for name in STUDY.arms},
}


def nodes(stage: str) -> dict[str, Node]:
    """The trainings of the study as if they were of a stage: name -> node."""
    made = create_images_pipeline(STUDY, GROUPS).nodes
    return {
        node.name.rpartition(".")[2]: Node(
            node.func, node.inputs, node.outputs, name=node.name, namespace=f"fish.{stage}"
        )
        for node in made
    }


def test_trainings_of_every_protocol_are_counted() -> None:
    """A naive protocol has a training a fold; sources are unknown before the pictures are read."""
    found = {name: _trials(node, STUDY) for name, node in nodes("train").items()}
    assert found.pop("train_arm__one__naive") == 5
    assert found.pop("train_arm__one__by_source") == 1
    assert found.pop("measure_compute__one") == found.pop("measure_compute__two") == 0
    assert found == {
        f"train_arm__{arm}__{chunk}": len(blocks)
        for arm in STUDY.arms
        for chunk, blocks in STUDY.chunks().items()
    }


def test_nodes_of_other_stages_run_no_trials() -> None:
    """What they are told of blocks is no training."""
    assert {_trials(node, STUDY) for node in nodes("evaluate").values()} == {0}


def test_measured_trials_foresee_those_of_the_same_arm_alone() -> None:
    """By the block; a network of another size says nothing of this arm's time."""
    made = nodes("train")
    chunk = next(iter(STUDY.chunks()))
    known = {
        _kind(made[f"train_arm__one__{chunk}"], STUDY): (3.0, 10.0),
        _kind(made["measure_compute__one"], STUDY): (7.0, 1.0),
    }
    assert _foreseen(made["train_arm__one__naive"], STUDY, known) == (15.0, 50.0)
    assert _foreseen(made[f"train_arm__two__{chunk}"], STUDY, known) is None
    assert _foreseen(made["measure_compute__two"], STUDY, known) == (7.0, 1.0)
    known[made[f"train_arm__two__{chunk}"].name] = (4.0, 2.0)
    assert _foreseen(made[f"train_arm__two__{chunk}"], STUDY, known) == (4.0, 2.0)
