"""The page of a rating round: players and a form that works offline and tells nobody anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

from fairtrial.evidence.templating import data_url, environment

_SCRIPT = Path(__file__).parent / "templates" / "rating.js"


def render_rating(
    study: str, number: str, sounds: Mapping[str, bytes], highest: int, *, synthetic: bool
) -> str:
    """The page as one HTML document that loads nothing from elsewhere.

    The only script that its policy lets run is the one that makes a CSV of the ratings; where
    scripts are off, the page offers the empty table instead.

    Args:
        study: its name.
        number: of the round.
        sounds: clip -> MP3 file, in the order in which they are heard.
        highest: ratings are whole numbers from 1 to this.
        synthetic: whether the study runs on embedded samples.
    """
    script = _SCRIPT.read_text()
    lines = ["round,rater,clip,rating", *(f"{number},,{clip}," for clip in sounds)]
    return (
        environment()
        .get_template("rating.html.j2")
        .render(
            study=study,
            number=number,
            clips={clip: data_url("audio/mpeg", sound) for clip, sound in sounds.items()},
            ratings=range(1, highest + 1),
            synthetic=synthetic,
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            table=data_url("text/csv", ("\n".join(lines) + "\n").encode()),
        )
        + "\n"
    )
