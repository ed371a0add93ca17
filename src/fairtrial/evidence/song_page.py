"""The page of a song: one HTML file with everything in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairtrial.core.records import Files
from fairtrial.evidence.page import unpack_exhibit, without_pages
from fairtrial.evidence.templating import environment


def render_song(
    report: Mapping[str, Any],
    lineage: Mapping[str, Mapping[str, str]],
    exhibits: Sequence[Files],
) -> str:
    """The page as one HTML document that loads nothing from elsewhere.

    Args:
        report: ``study``, ``sentence``, ``synthetic`` and ``facts`` (name -> text).
        lineage: dataset -> version, sha256, fingerprint, of what is stored of the study.
        exhibits: as `fairtrial.evidence.exhibits.exhibit` packs them.
    """
    return (
        environment()
        .get_template("song.html.j2")
        .render(
            r=report,
            lineage=without_pages(lineage),
            exhibits=[unpack_exhibit(files) for files in exhibits],
        )
        + "\n"
    )
