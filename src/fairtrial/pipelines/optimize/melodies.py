"""Evolve a song from a study's tunes, or from the bars that the best run of an arm writes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Songs
from fairtrial.melodies.parameters.songs import TUNES
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files, Models
    from fairtrial.melodies.midi_out import Clips

_SHOWN = ("song", "song_score", "song_course", "song_wishes")


def evolve_tunes(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    songs: Songs,
    seed: int,
    *,
    study: str,
) -> "Arrays":
    """Evolve a song from the training bars themselves."""
    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.core.seeds import stream_seed
    from fairtrial.melodies.songs.pool import read_tunes
    from fairtrial.melodies.songs.variants import evolve_variants, make_goal, pack_variants

    pool = read_tunes(pack, manifest, splits)
    evolution, drawn = songs.evolution, stream_seed(seed, study, "song")
    found = evolve_variants(pool, make_goal(songs), evolution, drawn, checkpoint_folder())
    return pack_variants(found, {"source": TUNES, "pool_bars": len(pool)})


def evolve_run(
    scores: "pd.DataFrame",
    songs: Songs,
    seed: int,
    *models: "Models",
    study: str,
    metric: str,
) -> "Arrays":
    """Evolve a song from the bars that the best run of an arm writes."""
    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.core.seeds import stream_seed
    from fairtrial.melodies.songs.generated import find_best_run, make_critic, write_pool
    from fairtrial.melodies.songs.variants import evolve_variants, make_goal, pack_variants

    arm = songs.source
    block, score = find_best_run(scores, arm, metric)
    noise = stream_seed(seed, study, "song", "fresh_bars")
    pool = write_pool(models, songs, block, noise)
    goal = make_goal(songs, make_critic(models, block) if songs.discriminator_share else None)
    drawn = stream_seed(seed, study, "song")
    found = evolve_variants(pool, goal, songs.evolution, drawn, checkpoint_folder())
    run = {"block": block, "metric": metric, "score": score}
    return pack_variants(found, {"source": arm, "pool_bars": len(pool), "run": run})


def write_song(song: "Arrays", songs: Songs) -> "tuple[Clips, Files, Files, Files, Files]":
    """Write the song as files, and draw it, its score, its course, and what each wish did."""
    from fairtrial.melodies.songs import exhibits
    from fairtrial.melodies.songs.files import song_files
    from fairtrial.melodies.songs.variants import unpack_variants

    found = unpack_variants(song)
    return (
        song_files(found, songs),
        exhibits.song_exhibit(found, songs),
        exhibits.score_exhibit(found, songs),
        exhibits.course_exhibit(found, songs),
        exhibits.wishes_exhibit(found, songs),
    )


def write_song_page(
    song: "Arrays",
    songs: Songs,
    ingest_report: dict[str, Any],
    lineage: dict[str, dict[str, str]],
    *shown: "Files",
    study: str,
) -> str:
    """Put the song on a page that needs nothing else."""
    from fairtrial.evidence.report import check_report
    from fairtrial.evidence.song_page import render_song
    from fairtrial.melodies.songs.report import report_song

    report = report_song(study, song, songs, synthetic=check_report(ingest_report)["synthetic"])
    return render_song(report, lineage, shown)


def create_melodies_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Bars to a song, its files, figures and page."""
    figures = [f"figure__{name}" for name in _SHOWN]
    return Pipeline(
        [
            _create_evolution_node(study, groups["optimize"]),
            make_node(
                write_song,
                ["song", "params:optimize"],
                ["clips__song", *figures],
                stage="optimize",
                name="write_song",
            ),
            make_node(
                write_song_page,
                ["song", "params:optimize", "ingest_report", "lineage", *figures],
                "song_page",
                stage="optimize",
                name="write_song_page",
                study=study.name,
            ),
        ]
    )


def _create_evolution_node(study: Study, songs: Songs) -> Node:
    if songs.source == TUNES:
        return make_node(
            evolve_tunes,
            ["pack", "manifest", "splits", "params:optimize", "params:seed"],
            "song",
            stage="optimize",
            name="evolve_tunes",
            study=study.name,
        )
    models = [f"model__{songs.source}__{chunk}" for chunk in study.chunks()]
    return make_node(
        evolve_run,
        ["scores", "params:optimize", "params:seed", *models],
        "song",
        stage="optimize",
        name="evolve_run",
        study=study.name,
        metric=study.primary_metric,
    )
