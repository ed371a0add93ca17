"""What practice asks beyond the cheapest answer: one node, one figure for each part."""

from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.pipelines.wiring import make_node
from fairtrial.problems.parameters import EvaluateParameters

if TYPE_CHECKING:
    from fairtrial.core.records import Files


def draw_practice(
    pack: "Any",
    certificate: "dict[str, Any]",
    evaluate: EvaluateParameters,
    seed: int,
    *outputs: "Any",
    study: str,
) -> "tuple[Files, ...]":
    """Draw each part that ``evaluate.practice`` asks for, in its order."""
    from fairtrial.core.seeds import stream
    from fairtrial.problems.compile import from_pack
    from fairtrial.problems.practice.exhibits.asked import practice_exhibits
    from fairtrial.problems.records import unpack_runs

    if evaluate.practice is None:
        raise TypeError("a study that asks for something")
    trials = [trial for output in outputs for trial in unpack_runs(output)]
    generator = stream(seed, study, "practice")
    return practice_exhibits(from_pack(pack), certificate, trials, evaluate.practice, generator)


def practice_figures(evaluate: EvaluateParameters) -> list[str]:
    """Names of the figures, in the order of the page."""
    return [] if evaluate.practice is None else list(evaluate.practice.asked)


def practice_nodes(study: Study, evaluate: EvaluateParameters, outputs: list[str]) -> list[Node]:
    """The node that draws them, where anything is asked for."""
    names = practice_figures(evaluate)
    if not names:
        return []
    return [
        make_node(
            draw_practice,
            ["pack", "certificate", "params:evaluate", "params:seed", *outputs],
            [f"figure__{name}" for name in names],
            stage="evaluate",
            name="draw_practice",
            study=study.name,
        )
    ]
