"""Stage optimize: optimisers and tuners search; exact and local solvers stand beside them."""

from fairtrial.pipelines.optimize.problems import create_problems_pipeline
from fairtrial.pipelines.optimize.tuners import create_tuners_pipeline
from fairtrial.pipelines.wiring import by_kind

create_pipeline = by_kind(
    {
        "problems": create_problems_pipeline,
        "tuners": create_tuners_pipeline,
    }
)
