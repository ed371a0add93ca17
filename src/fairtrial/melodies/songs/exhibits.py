"""What the page of a song shows: the song, its score, how it was found, what each wish did."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from fairtrial.core.records import Files
from fairtrial.core.text import count_text, list_text
from fairtrial.evidence.exhibits import Clip, exhibit
from fairtrial.evidence.style import COLOURS, MUTED, new_figure
from fairtrial.melodies.exhibits.rolls import draw_rolls, shown_octaves
from fairtrial.melodies.parameters import Song, Songs
from fairtrial.melodies.piano_roll import COLUMNS, Cell, Roll, roll_to_cells
from fairtrial.melodies.songs.evolution import REACHED, SPENT, STALLED, Evolved
from fairtrial.melodies.songs.files import song_score, song_sound
from fairtrial.melodies.songs.harmony import read_harmony
from fairtrial.melodies.songs.report import weight_text
from fairtrial.melodies.songs.variants import SONG
from fairtrial.melodies.songs.wishes import WISHES
from fairtrial.melodies.sound import as_mp3

_BARS_A_LINE = 8


def song_exhibit(found: Mapping[str, Evolved], song: Songs) -> Files:
    """The song to hear and to see, and the same song without each of its wishes."""
    clips, rows = [], []
    by, share = "by the wishes it was evolved for", song.discriminator_share
    if share:
        by = f"{1 - share:.0%} of it {by}, {share:.0%} by the discriminator"
    for name, evolved in found.items():
        wish = name.removeprefix("without_").replace("_", " ")
        label = "The song" if name == SONG else f"Without a wish for {wish}"
        text = f"Mean fitness {evolved.values.mean():.2f} of 1, {by}."
        colour = COLOURS[0] if name == SONG else COLOURS[1]
        figure = draw_song(evolved.bars, song, colour)
        clips.append(Clip(label, text, as_mp3(song_sound(evolved.bars, song)), figure))
        rows += [
            {"variant": name, "bar": bar, **cell._asdict()}
            for bar, roll in enumerate(evolved.bars)
            for cell in roll_to_cells(roll)
        ]
    return exhibit(
        "The song",
        f"{count_text(len(found[SONG].bars), 'bar')} over {list_text(song.chords)}, "
        f"{song.tempo_bpm:g} quarters a minute, with the chords played softly. Lines across are "
        "octaves of each chord's root, lines down are beats and bars. Below it the song as it "
        "comes out, from the same first bars and with the same luck, without one of its wishes.",
        data=pd.DataFrame(rows, columns=["variant", "bar", *Cell._fields]),
        clips=clips,
    )


def draw_song(bars: Roll, song: Song, colour: str) -> Figure:
    """Piano roll, eight bars a line, the chords above them."""
    chords = read_harmony(song).chords
    lines = -(-len(bars) // _BARS_A_LINE)
    figure, axes = new_figure(7.2, 0.25 + 1.05 * lines, lines)
    for line, panel in enumerate(np.atleast_1d(axes).ravel()):
        here = slice(line * _BARS_A_LINE, (line + 1) * _BARS_A_LINE)
        draw_rolls(panel, bars[here], colour, octaves=shown_octaves(bars))
        for bar, chord in enumerate(chords[here]):
            panel.annotate(
                chord.symbol,
                (bar * COLUMNS, 1),
                xycoords=("data", "axes fraction"),
                xytext=(2, 2),
                textcoords="offset points",
                fontsize=8,
            )
        # A last line of fewer bars is as wide as the others.
        panel.set_xlim(0, min(len(bars), _BARS_A_LINE) * COLUMNS)
    return figure


def score_exhibit(found: Mapping[str, Evolved], song: Song) -> Files:
    """The score of the song; a sentence in its place where it has more notes than one can show."""
    score: bytes | Figure | None = song_score(found[SONG].bars, song)
    if score is None:
        score, axes = new_figure(7.2, 0.6)
        axes.set_axis_off()
        axes.text(0.5, 0.5, "More notes than a score can show.", ha="center", va="center")
    return exhibit(
        "The score",
        "The melody exactly as it sounds, to the 64th; beats whose notes fall on their thirds are "
        "written as triplets. As MIDI, WAV, MP3 and SVG the song lies in the study's clips__song.",
        score,
    )


def course_exhibit(found: Mapping[str, Evolved], songs: Songs) -> Files:
    """Best and mean value of the populations by generation."""
    evolved = found[SONG]
    generations = np.arange(len(evolved.best))
    figure, axes = new_figure(7.2, 3.0)
    for bar in range(evolved.best.shape[1]):
        axes.plot(generations, evolved.best[:, bar], color=COLOURS[0], alpha=0.25, linewidth=0.6)
    axes.plot(generations, evolved.best.mean(axis=1), color=COLOURS[0], label="best, mean of bars")
    axes.plot(generations, evolved.mean.mean(axis=1), color=COLOURS[1], label="population's mean")
    target = songs.evolution.target
    axes.axhline(target, color=MUTED, linewidth=0.8, linestyle=":", label=f"target {target:g}")
    axes.set_xlabel("generation")
    axes.set_ylabel("fitness")
    axes.legend(loc="lower right")
    bars = evolved.best.shape[1]
    data = pd.DataFrame(
        {
            "generation": np.repeat(generations, bars),
            "bar": np.tile(np.arange(bars), len(generations)),
            "evaluations": evolved.evaluations.ravel(),
            "best": evolved.best.ravel(),
            "mean": evolved.mean.ravel(),
        }
    )
    ends = list_text(
        [
            f"{count_text(count, 'bar')} {told}"
            for why, told in (
                (REACHED, "reached the target"),
                (STALLED, f"stopped after {songs.evolution.patience} generations without a gain"),
                (SPENT, "went on to the last generation"),
            )
            if (count := evolved.stopped.count(why))
        ]
    )
    return exhibit(
        "How it was found",
        f"Fitness of the best of {songs.evolution.population} candidates for each bar (thin lines) "
        f"by generation. 1 is a bar that has all that is wished for and nothing that is not, which "
        f"wishes that exclude each other do not allow. {_critic(songs)}{ends}.",
        figure,
        data,
    )


def _critic(songs: Songs) -> str:
    share = songs.discriminator_share
    return f"The discriminator's score is {share:.0%} of it. " if share else ""


def wishes_exhibit(found: Mapping[str, Evolved], song: Song) -> Files:
    """What each weight did: its descriptor before, after, and without it."""
    table = _tabulate_wishes(found, song)
    figure, axes = new_figure(7.2, 0.9 + 0.36 * len(table))
    places = np.arange(len(table))[::-1]
    for place, (_, row) in zip(places, table.iterrows(), strict=True):
        axes.plot([row["first bars"], row["song"]], [place] * 2, color=MUTED, linewidth=1, zorder=1)
    for column, colour, marker in (
        ("first bars", MUTED, "o"),
        ("song", COLOURS[0], "o"),
        ("without it", COLOURS[1], "x"),
    ):
        axes.scatter(table[column], places, color=colour, marker=marker, s=30, label=column)
    weights = [weight_text(song.given.get(wish, 0.0)) for wish in WISHES]
    labels = [f"{wish} ({weight})" for wish, weight in zip(table["wish"], weights, strict=True)]
    axes.set_yticks(places, labels)
    axes.set_xlim(-0.03, 1.03)
    axes.grid(visible=True, axis="x")
    axes.set_xlabel("descriptor, mean of the bars")
    axes.figure.legend(loc="outside upper right", ncols=3)
    return exhibit(
        "What each wish did",
        "Descriptors of the bars that the evolution began with, of the song, and of the song "
        "evolved without that one wish. The effect of a wish is song less without it: a weight "
        "above 0 asks for more, below 0 for less. Wishes pull on each other, and one that others "
        "grant anyway has no effect.",
        figure,
        table.round(3),
        table=True,
    )


def _tabulate_wishes(found: Mapping[str, Evolved], song: Song) -> pd.DataFrame:
    rows = []
    for wish in WISHES:
        weight = song.given.get(wish, 0.0)
        without = found.get(f"without_{wish}")
        end = float(found[SONG].end[wish].mean())
        other = None if without is None else float(without.end[wish].mean())
        rows.append(
            {
                "wish": wish.replace("_", " "),
                "weight": weight,
                "first bars": float(found[SONG].start[wish].mean()),
                "song": end,
                "without it": other,
                "effect": None if other is None else end - other,
            }
        )
    table = pd.DataFrame(rows)
    numbers = ["without it", "effect"]
    table[numbers] = table[numbers].astype(float)
    return table
