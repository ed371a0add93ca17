"""The certificate check by check, and what others claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.problems.exhibits.sections import ANSWER
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import point_text, with_unit

_JUDGED = {"holds": "yes", "rejected": "rejected", "beaten": "not the best"}
_SCOPES = {
    "global": "Every check holds: the answer is certified as the global optimum.",
    "local": "Every check holds: the answer is certified as a strict local optimum.",
    "none": "Not every check holds: the answer is not certified.",
}


def certificate_exhibit(problem: Problem, certificate: Mapping[str, Any]) -> Files:
    """Every check with what was found, then every claim with its judgement."""
    rows = [
        {
            "check": check["name"],
            "holds": "yes" if check["passed"] else "no",
            "what was found": check["says"],
        }
        for check in certificate["checks"]
    ]
    for claim in certificate["claims"]:
        told = [
            f"{point_text(problem, problem.point(claim['point']))} is stated at "
            f"{claim['source'].rstrip('.')}."
            if claim["stated"] is None
            else f"{point_text(problem, problem.point(claim['point']))} is stated with "
            f"{with_unit(number_text(claim['stated'], 7), problem.objective_unit)} "
            f"({claim['source'].rstrip('.')}); evaluated again it has "
            f"{with_unit(number_text(claim['objective'], 7), problem.objective_unit)}.",
            *claim["reasons"],
        ]
        rows.append(
            {
                "check": f"claim of {claim['name']}",
                "holds": _JUDGED[claim["verdict"]],
                "what was found": " ".join(told),
            }
        )
    caption = " ".join([_SCOPES[certificate["scope"]], *certificate["notes"]])
    return exhibit("Certificate", caption, data=pd.DataFrame(rows), table=True, section=ANSWER)
