"""The index of a workspace: every study's latest verdict, with a link to its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairtrial.core.text import count_text
from fairtrial.evidence.templating import environment

OUTCOMES = {
    "differ": "arms differ",
    "equal": "arms are equal",
    "not_shown_to_differ": "no difference shown",
    "not_tested": "not tested",
}


def render_index(entries: Sequence[dict[str, Any]]) -> str:
    """The index as one HTML document that loads nothing from elsewhere.

    Args:
        entries: one a study, with ``verdict`` (plain data), ``link`` (relative, or None where no
            page is stored), ``song`` (likewise, to the page of its song) and ``version``.
    """
    studies = count_text(len(entries), "verdict") if entries else "No verdict yet"
    template = environment().get_template("index.html.j2")
    return template.render(entries=entries, heading=studies, outcomes=OUTCOMES) + "\n"
