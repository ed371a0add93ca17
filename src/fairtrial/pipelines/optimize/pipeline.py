"""Stage optimize: optimisers search; exact and local solvers stand beside them."""

from fairtrial.pipelines.optimize.problems import create_problems_pipeline
from fairtrial.pipelines.wiring import by_kind

create_pipeline = by_kind(
    {
        "problems": create_problems_pipeline,
    }
)
