"""What a search for songs will cost, from a rehearsal of its first evaluations."""

from __future__ import annotations

from collections.abc import Mapping

from fairtrial.core.forecast import Forecast
from fairtrial.core.study import Study
from fairtrial.melodies.parameters.song_tuners import SongSearch, SongTuner
from fairtrial.melodies.parameters.songs import TUNES, Breeding
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.songs.pool import keep_sounding
from fairtrial.melodies.tuning.search import search_songs

_REHEARSED = 100  # evaluations, or two generations


def forecast_searches(
    study: Study, wanted: SongSearch, tuners: Mapping[str, SongTuner], rolls: Roll
) -> dict[str, Forecast]:
    """Time the first evaluations of each arm in its first block.

    Args:
        study: its structure.
        wanted: the songs.
        tuners: arm -> what it is.
        rolls: uint8 (n, 48, 64).

    Returns:
        arm -> cost of one block.
    """
    pool = keep_sounding(rolls, TUNES)
    found = {}
    for arm in study.arms:
        recipe = tuners[arm].recipe
        settings = recipe if isinstance(recipe, Breeding) else recipe.settings
        population = getattr(settings, "population", None) or 1
        few = min(max(2 * population, _REHEARSED), wanted.evaluations)
        short = wanted.model_copy(update={"evaluations": few})
        outputs, history = search_songs(pool, short, tuners[arm], {"run_000": 0}, arm)
        size = sum(array.nbytes for array in outputs.arrays.values())
        seconds = float(history["seconds"].iloc[0]) * wanted.evaluations / few
        found[arm] = Forecast(seconds, float(size))
    return found
