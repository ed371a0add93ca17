"""The kind melodies from MIDI files to its page, through Kedro."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner

from fairtrial.core.errors import ConfigError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.records import Arrays
from fairtrial.core.study import Study
from fairtrial.melodies.parameters import PARAMETERS, Arm
from fairtrial.melodies.piano_roll import COLUMNS
from fairtrial.melodies.ready import check_ready
from fairtrial.melodies.samples import draw_samples
from fairtrial.melodies.scoring.judge import find_unseen
from fairtrial.melodies.splits import rows_of
from fairtrial.pipelines.augment.melodies import create_melodies_pipeline as augment
from fairtrial.pipelines.evaluate.melodies import create_melodies_pipeline as evaluate
from fairtrial.pipelines.evaluate.melodies_scores import audit_copies, score_trials
from fairtrial.pipelines.ingest.melodies import create_melodies_pipeline as ingest
from fairtrial.pipelines.train.melodies import create_melodies_pipeline as train
from fairtrial.pipelines.train.melodies import train_gan

ARMS = {
    "original": {"training_set": "original"},
    "original_equal_updates": {"training_set": "original", "updates": "equal"},
    "augmented": {"training_set": "augmented"},
    "replicated": {"training_set": "replicated"},
}
VALUES: dict[str, Any] = {
    "ingest": {},
    "split": {"reference_share": 0.3},
    "augment": {"steps": [{"strategy": "octave_change", "factor": 1}]},
    "train": {"epochs": 1, "batch_size": 64, "width": 0.02, "device": "cpu"},
    "evaluate": {"n_items": 20},
    "rating": {"clips": 4, "bars": 2, "highest": 7},
    "optimize": {},
}


class Folder:
    """The embedded tunes as a user's folder of files."""

    root = "tunes"

    def __init__(self) -> None:
        self._contents = draw_samples()
        rows = [(name, len(data), sha256_bytes(data)) for name, data in self._contents.items()]
        self.files = pd.DataFrame(rows, columns=["path", "size", "sha256"])

    def read(self, path: str) -> bytes:
        return self._contents[path]


def make_study(**change: Any) -> Study:
    entry = {
        "name": "melody",
        "kind": "melodies",
        "arms": tuple(ARMS),
        "blocks": {"runs": 3},
        "chunk": 2,
        "design": "blocked",
        "primary_metric": "frechet_musical",
    }
    return Study(**{**entry, **change})


def make_groups(**change: Any) -> dict[str, Any]:
    values = {**VALUES, **change}
    groups: dict[str, Any] = {
        group: PARAMETERS[group].model_validate(value) for group, value in values.items()
    }
    groups["arms"] = {name: Arm.model_validate(arm) for name, arm in ARMS.items()}
    return groups


class Kept(MemoryDataset):
    """Data in memory that outlives the last node that reads it."""

    def _release(self) -> None:
        return


def run(study: Study, groups: dict[str, Any]) -> dict[str, Any]:
    """Everything the study's nodes make, by the dataset's name."""
    check_ready(study, groups)
    stages = (ingest, augment, train, evaluate)
    nodes = sum((stage(study, groups) for stage in stages), Pipeline([]))
    data = {"raw": Folder(), "params:seed": 7, "lineage": {}}
    for group, values in groups.items():
        entries = values if group == "arms" else {"": values}
        for name, value in entries.items():
            data[f"params:{group}.{name}" if name else f"params:{group}"] = value
    given = {name: Kept(data[name], copy_mode="assign") for name in nodes.inputs() if name in data}
    made = {name: Kept(copy_mode="assign") for name in nodes.all_outputs()}
    catalog = DataCatalog({**given, **made})
    SequentialRunner().run(nodes, catalog)
    return {name: catalog.load(name) for name in made}


@pytest.fixture(scope="module")
def standard() -> dict[str, Any]:
    """A tiny study of four arms under the standard protocol."""
    return run(make_study(), make_groups())


def test_every_arm_and_run_is_scored_beside_the_null_floor(standard: dict[str, Any]) -> None:
    """One row a run and metric; real bars stand beside them as a floor; every side has N bars."""
    scores = standard["scores"]
    distances = scores[scores["metric"] == "frechet_musical"]
    assert (distances["status"] == "ok").all()
    unseen = distances[distances["subset"] == "unseen"]
    distances = distances[distances["subset"] == "all"]
    for table in (distances, unseen):
        sizes = table.groupby("arm").size().to_dict()
        assert sizes == {**dict.fromkeys(ARMS, 3), "real_bars": 3}
    assert set(distances["n_items"]) == {20}
    assert unseen["n_items"].nunique() == 1
    assert unseen["n_items"].max() < 20
    floor = distances.loc[distances["role"] == "floor", "value"]
    assert floor.max() < distances.loc[distances["role"] == "arm", "value"].min()


def test_budgets_tell_equal_epochs_from_equal_updates(standard: dict[str, Any]) -> None:
    """The original arm gets fewer updates for its epochs; its equal twin gets as many as all."""
    budgets = standard["ledger"].groupby("arm")["budget"].first().to_dict()
    assert budgets["original"] < budgets["augmented"]
    assert budgets["augmented"] == budgets["replicated"] == budgets["original_equal_updates"]


def test_trials_run_on_one_thread_whatever_the_runner(standard: dict[str, Any]) -> None:
    """A runner's threads change no bit; the ledger has those of the history."""
    assert set(standard["ledger"]["threads"]) == {1}
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    groups = make_groups()
    model, history = train_gan(
        standard["bank__original"],
        groups["train"],
        groups["augment"],
        groups["arms"]["original"],
        7,
        study="melody",
        arm="original",
        blocks=["run_000"],
    )
    torch.set_num_threads(before)
    assert set(history["threads"]) == {1}
    stored = standard["model__original__0"].states["run_000"]
    for name, weights in model.states["run_000"].items():
        assert np.array_equal(weights, stored[name]), name


def test_bars_that_were_trained_on_are_told(standard: dict[str, Any]) -> None:
    """The table's caption says how many held-out bars also stand in the training songs."""
    caption = json.loads(standard["figure__quality"]["figure.json"])["caption"]
    train_bars, held_out = (
        standard["pack"]["rolls"][rows_of(standard["manifest"], standard["splits"], role)]
        for role in ("train", "test")
    )
    seen = len(held_out) - int(find_unseen(held_out, train_bars).sum())
    assert seen > 0
    assert f"{seen} of {len(held_out)} held-out bars" in caption
    table = standard["figure__quality"]["table.csv"].decode()
    assert "equal no earlier one" in table


def test_training_sets_hold_no_bar_of_the_reference(standard: dict[str, Any]) -> None:
    """Original bars of the banks come from training songs alone."""
    manifest, splits = standard["manifest"], standard["splits"]
    train_ids = set(splits.loc[splits["role"] == "train", "item_id"])
    rows = manifest.loc[manifest["item_id"].isin(train_ids), "row"].to_numpy()
    for arm in ARMS:
        bank = standard[f"bank__{arm}"]["rolls"]
        assert np.array_equal(bank[: len(rows)], standard["pack"]["rolls"][rows])
    assert len(standard["bank__augmented"]["rolls"]) == len(standard["bank__replicated"]["rolls"])


def test_chunks_do_not_enter_a_run(standard: dict[str, Any]) -> None:
    """Runs computed three a node have the scores of runs computed two a node."""
    other = run(make_study(chunk=3, arms=("original", "augmented")), make_groups())["scores"]
    both = standard["scores"][standard["scores"]["arm"].isin(other["arm"])]
    pd.testing.assert_frame_equal(both.reset_index(drop=True), other)


def test_clips_are_files_of_music(standard: dict[str, Any]) -> None:
    """A real song, its augmented copy and each arm's first run: eight bars that read back."""
    clips = standard["clips__bars"]
    names = ["real_bars", "real_bars_augmented", *ARMS]
    assert sorted(clips) == sorted(f"{name}.{kind}" for name in names for kind in ("mid", "mp3"))
    melody = clips["augmented.mid"]
    assert 0 < max(note.column + note.length for note in melody.notes) <= 8 * COLUMNS
    assert standard["page"].count("<audio") == len(names)


def test_a_rating_round_of_every_arm_is_ready(standard: dict[str, Any]) -> None:
    """The page has the clips, in the key's order, and names neither arms nor runs."""
    page, key = standard["rating_page"], standard["rating_key"]
    assert key["arm"].value_counts().to_dict() == dict.fromkeys([*ARMS, "real_bars"], 4)
    assert re.findall(r'<fieldset name="(\w+)"', page) == key["clip"].tolist()
    assert 'value="7"' in page
    assert not [word for word in (*ARMS, "real_bars", "run_0") if word in page]


def test_figures_and_page_show_the_study(standard: dict[str, Any]) -> None:
    """The page carries the table of qualities and every figure's title."""
    page = standard["page"]
    for name in ("augmentation", "listening", "losses", "quality"):
        head = standard[f"figure__{name}"]
        assert "figure.json" in head
    for title in ("Augmentations", "Listen and look", "Losses", "How the bars compare"):
        assert title in page


def test_every_score_of_a_run_stands_in_one_table(standard: dict[str, Any]) -> None:
    """Distances, their limits, kernels and memory of every run, and the floor's beside them."""
    scores = standard["scores"]
    for metric in (
        "frechet_musical_infinity",
        "kid_musical",
        "copied_share",
        "nearest_distance",
    ):
        sizes = scores[scores["metric"] == metric].groupby("arm").size().to_dict()
        assert sizes == {**dict.fromkeys(ARMS, 3), "real_bars": 3}, metric
    memorisation = scores[scores["metric"] == "memorisation"]
    assert set(memorisation["arm"]) == set(ARMS)
    assert memorisation["value"].between(0, 1).all()
    assert standard["audit"]["warnings"] == []
    for title in ("Distances of infinitely many bars", "Made or remembered"):
        assert title in standard["page"]


def test_an_arm_that_copies_is_named_beside_the_verdict(standard: dict[str, Any]) -> None:
    """A generator that returns what it learnt is told by the audit that the verdict reads."""
    bank = standard["bank__original"]["rolls"]
    chunks = {name: standard[f"outputs__{name}"] for name in ("original__0", "original__1")}
    copied = {
        name: Arrays({"bars": np.stack([bank[:20]] * len(made["bars"]))}, made.description)
        for name, made in chunks.items()
    }
    arms, blocks = ["original"], ["0", "1"]
    outputs = [copied[f"original__{chunk}"] for chunk in blocks]
    histories = [standard[f"history__original__{chunk}"] for chunk in blocks]
    *_, nearest = score_trials(
        *(standard[name] for name in ("pack", "manifest", "splits")),
        make_groups()["evaluate"],
        7,
        *outputs,
        *histories,
        standard["bank__original"],
        study="melody",
        arms=arms,
        chunks=blocks,
        weights={},
    )
    (warning,) = audit_copies(nearest)["warnings"]
    assert "original copies its training bars: in 3 of 3 runs" in warning


def test_the_studys_own_encoder_judges_where_it_is_asked_for() -> None:
    """It is trained on held-out bars before anything is scored, and gives metrics of its own."""
    groups = make_groups(evaluate={"n_items": 20, "extractors": ["descriptors", "encoder"]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fairtrial.melodies.scoring.encoder.UPDATES", 5)
        made = run(make_study(arms=("original", "augmented"), blocks={"runs": 1}), groups)
    held_out = int((made["splits"]["role"] == "test").sum())
    assert made["encoder"].description["training_bars"] == held_out
    assert {"frechet_encoder", "frechet_encoder_infinity", "kid_encoder"} <= set(
        made["scores"]["metric"]
    )


def test_the_papers_protocol_compares_each_arm_with_its_own_bars() -> None:
    """Nothing is held out, N follows the training set, and no floor claims to be a bound."""
    groups = make_groups(
        split={"reference_share": 0.0}, evaluate={"protocol": "paper", "n_items": 250}
    )
    made = run(make_study(arms=("original", "augmented")), groups)
    scores = made["scores"]
    items = scores[scores["metric"] == "frechet_musical"].groupby("arm")["n_items"].first()
    bars = len(made["pack"]["rolls"])
    assert items["original"] == bars
    assert items["augmented"] == 250
    assert set(scores["role"]) == {"arm"}
    assert set(scores["protocol"]) == {"paper"}
    assert set(scores["subset"]) == {"all"}
    caption = json.loads(made["figure__quality"]["figure.json"])["caption"]
    assert "the arm's own training set" in caption
    assert "can be expected to beat" not in caption


def test_a_diverged_run_is_scored_as_such_and_the_rest_go_on() -> None:
    """Wild learning rates leave diverged trials on record, and a page all the same."""
    wild = {**VALUES["train"], "generator_learning_rate": 1e30}
    train_values = {**wild, "discriminator_learning_rate": 1e30, "epochs": 4}
    made = run(make_study(arms=("original", "augmented")), make_groups(train=train_values))
    arms = made["scores"][made["scores"]["role"] == "arm"]
    assert "diverged" in set(arms["status"])
    assert arms.loc[arms["status"] == "diverged", "value"].isna().all()
    assert made["page"]


@pytest.mark.parametrize(
    ("study", "groups", "place"),
    [
        ({"samples": "jazz"}, {}, "samples"),
        ({"primary_metric": "fid"}, {}, "primary_metric"),
        ({}, {"split": {"reference_share": 0.0}}, "reference_share"),
        ({}, {"evaluate": {"protocol": "paper"}}, "reference_share"),
        ({}, {"evaluate": {"extractors": ["descriptors", "ears"]}}, "extractors"),
        ({}, {"evaluate": {"extractors": ["descriptors", "descriptors"]}}, "extractors"),
        (
            {},
            {
                "split": {"reference_share": 0.0},
                "evaluate": {"protocol": "paper", "extractors": ["descriptors", "encoder"]},
            },
            "no encoder under evaluate.protocol: paper",
        ),
        (
            {},
            {"evaluate": {"extractors": ["descriptors", "inception"], "weights_dir": "/nowhere"}},
            "extractors",
        ),
    ],
)
def test_what_is_missing_is_found_before_any_work(
    study: dict[str, Any], groups: dict[str, Any], place: str
) -> None:
    """Unknown names, missing weights and a reference that does not fit its protocol stop first."""
    with pytest.raises(ConfigError, match=place):
        check_ready(make_study(**study), make_groups(**groups))


def test_weights_of_extractors_are_part_of_the_recipe(tmp_path: Path) -> None:
    """Another file under the same name makes scores stale; its folder does not."""
    file = tmp_path / "inception_v3_google-0cc3c7bd.pth"
    seen = []
    for content in (b"one", b"other", b"one"):
        file.write_bytes(content)
        evaluation = {"extractors": ["descriptors", "inception"], "weights_dir": str(tmp_path)}
        nodes = evaluate(make_study(), make_groups(evaluate=evaluation)).nodes
        (score,) = (node for node in nodes if node.name.endswith("score_trials"))
        seen.append(score.func.keywords["weights"]["inception"])
    assert seen[0] == seen[2] == sha256_bytes(b"one")
    assert seen[0] != seen[1]


def test_samples_are_drawn_only_where_they_are_asked_for() -> None:
    """Without samples the raw folder is a free input; with them a node writes it."""
    assert "raw" in ingest(make_study(), make_groups()).inputs()
    drawn = ingest(make_study(samples="folk_tunes"), make_groups())
    assert "raw" in drawn.all_outputs()
