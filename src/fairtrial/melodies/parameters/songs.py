"""What song is wanted, and how it is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from fairtrial.core.parameters import Count, Name, Parameters, Positive, Real, Share, Whole

TUNES = "tunes"

Wish = Literal[
    "chord_tones",
    "onsets_on_beats",
    "density",
    "variety",
    "single_notes",
    "out_of_scale",
    "repetition",
    "stepwise",
]
ChordSymbol = Annotated[str, Field(pattern=r"^[A-G][#b]?(m|dim|aug|sus2|sus4)?$")]
Progression = Annotated[tuple[ChordSymbol, ...], Field(min_length=1)]
KeySymbol = Annotated[str, Field(pattern=r"^[A-G][#b]?m?$")]


def _some_wish(weights: Mapping[Wish, float]) -> Mapping[Wish, float]:
    if not any(weights.values()):
        raise ValueError("at least one weight other than 0")
    return weights


Weights = Annotated[dict[Wish, Real], AfterValidator(_some_wish)]
TempoBpm = Annotated[Positive, Field(ge=20, le=300)]


def singable() -> dict[Wish, float]:
    """A lively line of single notes in the key, mostly by step, now and then on the chord."""
    return {
        "chord_tones": 0.5,
        "onsets_on_beats": 0.25,
        "density": 0.5,
        "variety": 0.5,
        "single_notes": 2.0,
        "out_of_scale": -1.0,
        "stepwise": 0.5,
    }


class Breeding(Parameters):
    """How a generation follows from the one before.

    Args:
        population: bars of one generation, for each bar of the song.
        tournament_share: share of the population among which each parent is the best.
        crossover: probability that a child's beats come from two parents.
        mutation: probability that a child is replaced by a fresh bar or edited.
        edit_share: share of the mutations that edit the child instead of replacing it.
        elitism: so many of the best go on unchanged; 0 for none, as in the authors' programme.
    """

    population: Annotated[Count, Field(ge=2)] = 200
    tournament_share: Annotated[Positive, Field(le=1)] = 0.3
    crossover: Share = 0.7
    mutation: Share = 0.3
    edit_share: Share = 0.5
    elitism: Whole = 1

    @model_validator(mode="after")
    def _room_for_children(self) -> Breeding:
        if self.elitism >= self.population:
            raise ValueError("elitism below the population")
        return self


class Evolution(Breeding):
    """The evolutionary algorithm.

    Args:
        generations: at most.
        target: a bar is finished at this share of the largest fitness.
        patience: a bar is given up after so many generations without a gain.
    """

    generations: Count = 50
    target: Annotated[Positive, Field(le=1)] = 0.95
    patience: Count = 15


class Song(Parameters):
    """A song over a chord progression.

    Args:
        chords: one a bar, again from the first when they are used up: major, or with m, dim, aug,
            sus2, sus4.
        bars: length of the song.
        key: such as G or Em, for its scale and signature; that of the first chord if left out.
        tempo_bpm: quarters a minute.
        weights: wish -> weight of its descriptor (see `fairtrial.melodies.songs.wishes`); below 0
            for what is not wanted. Wishes that are left out do not matter.
    """

    chords: Progression = ("C", "Am", "F", "G")
    bars: Annotated[Count, Field(le=128)] = 8
    key: KeySymbol | None = None
    tempo_bpm: TempoBpm = 100.0
    weights: Weights = Field(default_factory=singable)

    @property
    def given(self) -> dict[str, float]:
        """Wish -> weight, of those that matter."""
        return {str(wish): weight for wish, weight in self.weights.items() if weight}


class Songs(Song):
    """The song that a study ends in, after its verdict.

    Args:
        source: ``tunes`` (the training bars themselves), or an arm, whose best run writes the bars.
        fresh_bars: how many bars that run writes; first populations and fresh bars are theirs.
        shortest_note_columns: shorter notes of these bars are left out, as nobody could play them
            (4 columns: a sixteenth).
        discriminator_share: weight of the score that the run's discriminator gives a bar, beside
            the rest for the wishes; the authors' programme has 0.3 in its variant.
        evolution: how the song is looked for.
    """

    source: Name = TUNES
    fresh_bars: Annotated[Count, Field(ge=2)] = 1000
    shortest_note_columns: Annotated[Count, Field(le=16)] = 4
    discriminator_share: Annotated[Share, Field(lt=1)] = 0.0
    evolution: Evolution = Evolution()

    @model_validator(mode="after")
    def _someone_to_judge(self) -> Songs:
        if self.discriminator_share and self.source == TUNES:
            raise ValueError("discriminator_share only with an arm as source: tunes have no GAN")
        return self
