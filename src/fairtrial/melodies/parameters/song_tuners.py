"""Parameters of a study whose arms are optimisers that look for the same song."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from fairtrial.core.parameters import Count, Name, Parameters
from fairtrial.core.study import fold_and_seed
from fairtrial.melodies.parameters.ingest import Ingest
from fairtrial.melodies.parameters.songs import (
    Breeding,
    Progression,
    Song,
    TempoBpm,
    Weights,
    singable,
)
from fairtrial.melodies.parameters.split import Split
from fairtrial.optimizers.recipe import Recipe
from fairtrial.statistics.parameters import VerdictParameters

EVOLUTION = "evolution"
METRIC = "song_fitness"


class SongSearch(Parameters):
    """The songs that every arm looks for, one a block.

    Args:
        progressions: the first block's song is over the first of them, the second's over the
            second, again from the first when they are used up; one bar a chord.
        weights: as of a `Song`.
        tempo_bpm: as of a `Song`.
        evaluations: candidates that an arm may judge for each bar of a song.
    """

    progressions: Annotated[tuple[Progression, ...], Field(min_length=1)] = (
        ("C", "Am", "F", "G"),
        ("Am", "F", "C", "G"),
        ("C", "G", "Am", "F"),
        ("Dm", "G", "C", "Am"),
        ("C", "F", "G", "C"),
        ("Em", "C", "G", "D"),
        ("F", "Dm", "Bb", "C"),
        ("G", "Em", "C", "D"),
        ("Am", "Dm", "E", "Am"),
        ("D", "A", "Bm", "G"),
    )
    weights: Weights = Field(default_factory=singable)
    tempo_bpm: TempoBpm = 100.0
    evaluations: Count = 2000

    def song_of(self, block: str) -> Song:
        """The song of a block by its name."""
        chords = self.progressions[fold_and_seed(block)[1] % len(self.progressions)]
        given = {"weights": self.weights, "tempo_bpm": self.tempo_bpm}
        return Song.model_validate({"chords": chords, "bars": len(chords), **given})


class SongTuner(Parameters):
    """``evolution`` of bars or an optimiser of numbers; the other keys are its settings.

    An optimiser of numbers chooses for each beat a bar of the tunes; so does the evolution, whose
    small edits lead beyond: with ``edit_share: 0`` both have the same songs to choose from.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    optimizer: Name

    @model_validator(mode="after")
    def _settings_fit(self) -> SongTuner:
        _ = self.recipe
        return self

    @property
    def recipe(self) -> Breeding | Recipe:
        """What the arm is, with its settings."""
        settings = self.model_extra or {}
        if self.optimizer == EVOLUTION:
            return Breeding.model_validate(settings)
        return Recipe.model_validate({"optimizer": self.optimizer, **settings})


PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": Ingest,
    "split": Split,
    "optimize": SongSearch,
    "evaluate": VerdictParameters,
    "arms": SongTuner,
}
