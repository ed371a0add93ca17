"""What a song needs before any work begins."""

from __future__ import annotations

from collections.abc import Sequence

from fairtrial.core.errors import ConfigError
from fairtrial.melodies.parameters.songs import TUNES, Songs


def check_song(songs: Songs, arms: Sequence[str], where: str) -> None:
    """Check that the bars of a song have a source.

    Args:
        songs: what is wanted.
        arms: of the study.
        where: the study's place in the parameters, for the message.

    Raises:
        ConfigError: the source is neither the tunes nor an arm.
    """
    if songs.source != TUNES and songs.source not in arms:
        raise ConfigError(
            f"{where}.optimize.source",
            f"{TUNES} or an arm: {', '.join(arms)}",
            repr(songs.source),
            "Correct the name, or add the arm.",
        )
