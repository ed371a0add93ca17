"""Songs and the optimisers that look for them, through their own nodes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kedro.pipeline import Pipeline

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.parameters import check_parameters
from fairtrial.core.study import Study
from fairtrial.melodies import ready
from fairtrial.melodies.parameters import PARAMETERS
from fairtrial.melodies.parameters import song_tuners as tuners
from fairtrial.melodies.samples import draw_samples
from fairtrial.melodies.songs.generated import find_best_run
from fairtrial.melodies.songs.variants import unpack_variants
from fairtrial.melodies.tuning.ready import check_ready
from fairtrial.pipelines.augment.pipeline import create_pipeline as augment
from fairtrial.pipelines.evaluate.pipeline import create_pipeline as evaluate
from fairtrial.pipelines.ingest.pipeline import create_pipeline as ingest
from fairtrial.pipelines.optimize.pipeline import create_pipeline as optimize
from fairtrial.pipelines.train.pipeline import create_pipeline as train
from tests.images.support import MemoryFolder

SMALL = {"population": 12, "generations": 3}
WISHES = {"variety": 1.0, "out_of_scale": -0.5}
GAN: dict[str, Any] = {
    "ingest": {},
    "split": {"reference_share": 0.3},
    "augment": {"steps": [{"strategy": "octave_change", "factor": 1}]},
    "train": {"epochs": 1, "batch_size": 64, "width": 0.02, "device": "cpu"},
    "evaluate": {"n_items": 20},
    "rating": {"clips": 1, "bars": 1},
}
SEARCH: dict[str, Any] = {
    "ingest": {},
    "split": {"reference_share": 0.0},
    "optimize": {"evaluations": 64, "progressions": [["C", "G"], ["Am"]]},
    "evaluate": {},
}
TUNERS = {
    "evolution": {"optimizer": "evolution", "population": 22, "edit_share": 0.0},
    "de": {"optimizer": "differential_evolution", "population": 8},
    "luck": {"optimizer": "random_search"},
}


def make_study(**change: Any) -> Study:
    entry = {
        "name": "songs",
        "kind": "melodies",
        "arms": ("original", "augmented"),
        "blocks": {"runs": 3},
        "chunk": 2,
        "design": "blocked",
        "primary_metric": "frechet_musical",
    }
    return check_parameters(Study, {**entry, **change}, "studies.yml: songs")


def run(pipeline: Pipeline, groups: dict[str, Any]) -> dict[str, Any]:
    """Everything the nodes make, by the dataset's name."""
    data: dict[str, Any] = {"raw": MemoryFolder(draw_samples()), "lineage": {}, "params:seed": 3}
    for group, value in groups.items():
        entries = value if group == "arms" else {"": value}
        data |= {f"params:{group}.{name}".rstrip("."): each for name, each in entries.items()}
    for node in pipeline.nodes:
        data |= node.run({name: data[name] for name in node.inputs})
    return data


def gan_groups(**songs: Any) -> dict[str, Any]:
    values = {**GAN, "optimize": {"bars": 3, "evolution": SMALL, **songs}}
    groups: dict[str, Any] = {
        name: check_parameters(PARAMETERS[name], value, name) for name, value in values.items()
    }
    arms = {name: {"training_set": name} for name in ("original", "augmented")}
    groups["arms"] = {
        name: check_parameters(PARAMETERS["arms"], arm, name) for name, arm in arms.items()
    }
    return groups


@pytest.fixture(scope="module")
def of_tunes() -> dict[str, Any]:
    """A study that only reads tunes and ends in a song of them."""
    study, groups = make_study(), gan_groups(weights=WISHES)
    return run(ingest(study, groups) + optimize(study, groups), groups)


@pytest.fixture(scope="module")
def of_run() -> dict[str, Any]:
    """A study of two arms that ends in a song of one arm's best run, judged by its critic too."""
    study = make_study(blocks={"runs": 2})
    wishes = {"weights": {"chord_tones": 1.0}, "discriminator_share": 0.3}
    groups = gan_groups(source="augmented", fresh_bars=50, bars=2, **wishes)
    ready.check_ready(study, groups)
    stages = (ingest, augment, train, evaluate, optimize)
    nodes = sum((stage(study, groups) for stage in stages), Pipeline([]))
    return run(nodes.to_outputs("song_page"), groups)


def test_a_song_of_tunes_needs_no_training(of_tunes: dict[str, Any]) -> None:
    """The bars of the song, its files, and the same song without each wish."""
    song = unpack_variants(of_tunes["song"])
    assert set(song) == {"song", "without_variety", "without_out_of_scale"}
    assert song["song"].bars.shape == (3, 48, 64)
    files = of_tunes["clips__song"]
    assert {"song.mid", "song.mp3", "song.svg", "song.wav", "without_variety.mid"} <= set(files)
    melody = files["song.mid"]
    assert [text for _, text in melody.markers] == ["C", "Am", "F"]
    assert {note.column // 64 for note in melody.notes} == {0, 1, 2}


def test_the_page_plays_the_song_and_tells_what_wishes_did(of_tunes: dict[str, Any]) -> None:
    """Players, the score, the curve and the table of wishes; nothing from elsewhere."""
    page = of_tunes["song_page"]
    for title in ("The song", "The score", "How it was found", "What each wish did"):
        assert f"<h3>{title}</h3>" in page
    assert page.count("<audio") == 1 + len(WISHES)
    assert "http" not in page.replace("http-equiv", "")
    assert "Synthetic samples" not in page
    table = pd.read_csv(io.BytesIO(of_tunes["figure__song_wishes"]["data.csv"]))
    row = table.set_index("wish").loc["variety"]
    assert row["effect"] == pytest.approx(row["song"] - row["without it"], abs=2e-3)
    assert pd.isna(table.set_index("wish").loc["repetition", "effect"])


def test_a_song_of_an_arm_is_of_its_best_run(of_run: dict[str, Any]) -> None:
    """The run with the least distance writes the bars; verdict and scores never read the song."""
    told = of_run["song"].description
    scores = of_run["scores"]
    mine = scores[
        (scores["arm"] == "augmented")
        & (scores["metric"] == "frechet_musical")
        & (scores["subset"] == "all")
    ]
    best = mine.loc[mine["value"].idxmin()]
    assert told["run"]["block"] == best["block"]
    assert told["run"]["score"] == pytest.approx(best["value"])
    assert 2 <= told["pool_bars"] <= 50
    assert "arm&#39;s best by frechet musical" in of_run["song_page"]
    assert "Discriminator" in of_run["song_page"]


def test_noise_has_no_score(of_run: dict[str, Any]) -> None:
    """Bars of a hardly trained network have hundreds of notes; in place of a score it says so."""
    assert "song.mid" in of_run["clips__song"]
    assert "song.svg" not in of_run["clips__song"]
    assert "<h3>The score</h3>" in of_run["song_page"]


def test_evaluate_reads_nothing_of_the_song() -> None:
    """A later stage is never read by an earlier one."""
    study, groups = make_study(), gan_groups()
    read = evaluate(study, groups).inputs()
    assert not read & optimize(study, groups).all_outputs()
    assert "params:optimize" not in read


def test_an_arm_without_a_finished_run_has_no_song() -> None:
    """The message names what else could be a source."""
    scores = pd.DataFrame(
        {
            "arm": ["augmented"],
            "metric": ["frechet_musical"],
            "split": ["test"],
            "subset": ["all"],
            "status": ["diverged"],
            "value": [np.nan],
            "higher_is_better": [False],
        }
    )
    with pytest.raises(DataError, match="all of them diverged"):
        find_best_run(scores, "augmented", "frechet_musical")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "replicated"}, "tunes or an arm: original, augmented, found 'replicated'"),
        ({"discriminator_share": 0.3}, "discriminator_share only with an arm as source"),
    ],
)
def test_a_source_that_is_not_there_is_refused(change: dict[str, Any], message: str) -> None:
    """Before the first file is read."""
    with pytest.raises(ConfigError, match=message):
        ready.check_ready(make_study(), gan_groups(**change))


def tuner_groups(**change: Any) -> dict[str, Any]:
    values = {**SEARCH, **change}
    arms = values.pop("arms", TUNERS)
    groups: dict[str, Any] = {
        name: check_parameters(tuners.PARAMETERS[name], value, name)
        for name, value in values.items()
    }
    groups["arms"] = {
        name: check_parameters(tuners.SongTuner, arm, f"arms.{name}") for name, arm in arms.items()
    }
    return groups


def tuner_study(**change: Any) -> Study:
    entry = {"arms": tuple(TUNERS), "arms_are": "tuners", "primary_metric": "song_fitness"}
    return make_study(**{**entry, **change})


@pytest.fixture(scope="module")
def compared() -> dict[str, Any]:
    """Three optimisers, three songs each."""
    study, groups = tuner_study(), tuner_groups()
    check_ready(study, groups)
    stages = (ingest, optimize, evaluate)
    return run(sum((stage(study, groups) for stage in stages), Pipeline([])), groups)


def test_every_optimiser_gets_the_same_evaluations(compared: dict[str, Any]) -> None:
    """One row an arm and block; what is spent is at most the budget; tunes stand beside them."""
    scores = compared["scores"]
    arms = scores[scores["role"] == "arm"]
    assert arms.groupby("arm", observed=True).size().to_dict() == dict.fromkeys(TUNERS, 3)
    assert set(arms["budget"]) == {64}
    assert arms["value"].between(0, 1).all()
    assert scores.loc[scores["role"] == "probe", "arm"].tolist() == ["best_tunes"] * 3
    spent = compared["ledger"].set_index("arm")["budget"]
    assert set(spent.loc["evolution"]) == {64}
    assert set(spent.loc[["de", "luck"]]) == {64}
    assert compared["verdict"]["primary_metric"] == "song_fitness"


def test_the_page_shows_searches_and_plays_songs(compared: dict[str, Any]) -> None:
    """Progress of the arms, and one song of each beside the tunes."""
    assert "Progress of the searches" in compared["page"]
    assert compared["page"].count("<audio") == len(TUNERS) + 1


@pytest.mark.parametrize(
    ("study", "groups", "message"),
    [
        ({"primary_metric": "frechet_musical"}, {}, "song_fitness"),
        ({}, {"arms": {**TUNERS, "luck": {"optimizer": "slsqp"}}}, "needs nothing but values"),
        ({}, {"optimize": {"evaluations": 30}}, "and one of children within 30 evaluations"),
        ({"samples": "jazz"}, {}, "folk_tunes"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused(
    study: dict[str, Any], groups: dict[str, Any], message: str
) -> None:
    """The place, the rule and the remedy, before any tune is read."""
    with pytest.raises(ConfigError, match=message):
        check_ready(tuner_study(**study), tuner_groups(**groups))


@pytest.mark.parametrize(
    ("arm", "message"),
    [
        ({"optimizer": "evolution", "generations": 5}, "a known key"),
        ({"optimizer": "evolution", "population": 1}, "greater than or equal to 2"),
        ({"optimizer": "annealing"}, "of an optimizer"),
        ({"optimizer": "random_search", "population": 5}, "settings of random_search"),
    ],
)
def test_settings_are_those_of_the_optimiser(arm: dict[str, Any], message: str) -> None:
    """An evolution has no generations of its own here: the budget ends it."""
    with pytest.raises(ConfigError, match=message):
        tuner_groups(arms={"x": arm})
