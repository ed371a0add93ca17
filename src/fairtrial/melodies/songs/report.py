"""What the head of a song's page says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairtrial.core.records import Arrays
from fairtrial.core.text import MINUS, count_text, list_text, number_text
from fairtrial.melodies.notation.spelling import spell
from fairtrial.melodies.parameters import Songs
from fairtrial.melodies.parameters.songs import TUNES
from fairtrial.melodies.songs.harmony import read_harmony
from fairtrial.melodies.songs.variants import SONG, unpack_variants

_SIGNS = {-1: " flat", 0: "", 1: " sharp"}


def report_song(study: str, song: Arrays, songs: Songs, *, synthetic: bool) -> dict[str, Any]:
    """Sentence and facts for `fairtrial.evidence.song_page.render_song`.

    Args:
        study: its name.
        song: what the evolution stored.
        songs: what was asked for.
        synthetic: whether the study runs on embedded samples.
    """
    found = unpack_variants(song)[SONG]
    told = song.description
    by = "the training bars" if told["source"] == TUNES else f"bars that {told['source']} wrote"
    judged = int(found.evaluations[-1].sum())
    sentence = (
        f"{count_text(songs.bars, 'bar')} over {list_text(songs.chords)}, evolved from {by}: their "
        f"fitness rose from {found.mean[0].mean():.2f}, the mean of the first bars, to "
        f"{found.values.mean():.2f} of 1."
    )
    share = songs.discriminator_share
    wishes = [
        f"{wish.replace('_', ' ')} {weight_text(weight)}" for wish, weight in songs.given.items()
    ]
    key = read_harmony(songs).key
    letter, sharps, _ = spell(key.tonic, key)
    return {
        "study": study,
        "sentence": sentence,
        "synthetic": synthetic,
        "facts": {
            "Source": f"{_name_source(told)}: {told['pool_bars']:,} bars",
            "Key": f"{letter}{_SIGNS[sharps]} {'minor' if key.minor else 'major'}",
            "Wishes": ", ".join(wishes),
            **({"Discriminator's share": number_text(share)} if share else {}),
            "Looked at": f"{judged:,} candidates in {len(found.best) - 1} generations",
        },
    }


def weight_text(weight: float) -> str:
    """``+0.5``, ``0``, or a true minus sign."""
    return f"{weight:+g}".replace("-", MINUS) if weight else "0"


def _name_source(told: Mapping[str, Any]) -> str:
    if told["source"] == TUNES:
        return "tunes to train on"
    run = told["run"]
    metric = run["metric"].replace("_", " ")
    return (
        f"{run['block'].replace('_', ' ')} of {told['source']}, the arm's best by {metric} "
        f"({number_text(run['score'])})"
    )
