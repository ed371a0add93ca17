"""Show what was read, and what became of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    from fairtrial.core.records import Files


def tabulate_tunes(report: Mapping[str, Any]) -> "Files":
    """Tabulate files, songs, bars and notes, and why some were left out."""
    from fairtrial.melodies.exhibits.tunes import tunes_exhibit

    return tunes_exhibit(report)


def create_tunes_nodes() -> list[Node]:
    """The report of the ingest to a table."""
    return [
        make_node(
            tabulate_tunes,
            ["ingest_report"],
            "figure__tunes",
            stage="evaluate",
            name="tabulate_tunes",
        )
    ]
