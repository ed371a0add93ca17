"""The page of predictions: one HTML file with everything in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairtrial.core.records import Files
from fairtrial.evidence.page import unpack_exhibit
from fairtrial.evidence.templating import environment

# More rows are in the table beside the page.
_MOST_ROWS = 500


def render_predictions(report: Mapping[str, Any], exhibits: Sequence[Files]) -> str:
    """The page as one HTML document that loads nothing from elsewhere.

    Args:
        report: ``model`` (its name), ``sentence``, ``card`` (plain data: study, arm, block,
            network, labels, training, validation, research_use_only, synthetic), ``threshold``
            (or none), ``chosen`` (whether it was set by hand), ``notes`` (sentences) and ``rows``
            (picture, status, prediction, probabilities, reason).
        exhibits: as `fairtrial.evidence.exhibits.exhibit` packs them.
    """
    rows = report["rows"]
    return (
        environment()
        .get_template("predictions.html.j2")
        .render(
            r={**report, "rows": rows[:_MOST_ROWS]},
            hidden=max(0, len(rows) - _MOST_ROWS),
            exhibits=[unpack_exhibit(files) for files in exhibits],
        )
        + "\n"
    )
