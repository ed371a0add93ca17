"""The kind scores from a CSV file to its page, through Kedro."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner

from fairtrial.core.errors import ConfigError, DataError, FairtrialError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.study import Study
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.evaluate.scores import create_scores_pipeline as evaluate
from fairtrial.pipelines.ingest.scores import create_scores_pipeline as ingest
from fairtrial.statistics.parameters import ScoresIngest, VerdictParameters

ARMS = ("original", "augmented", "replicated")
PUBLISHED = {
    "table": "fid_runs.csv",
    "separator": ";",
    "header": False,
    "skip_rows": 1,
    "columns": {"original": 15, "augmented": 16, "replicated": 17},
    "higher_is_better": False,
}


class Folder:
    """Raw files in memory."""

    root = "raw"

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents
        self.files = pd.DataFrame(
            [[name, len(data), sha256_bytes(data)] for name, data in contents.items()],
            columns=["path", "size", "sha256"],
        )

    def read(self, path: str) -> bytes:
        return self._contents[path]


def make_study(**change: Any) -> Study:
    entry = {
        "name": "published",
        "kind": "scores",
        "arms": ARMS,
        "design": "blocked",
        "primary_metric": "fid",
    }
    return Study(**{**entry, **change})


class Kept(MemoryDataset):
    """Data in memory that outlives the last node that reads it."""

    def _release(self) -> None:
        return


def run(nodes: Pipeline, data: dict[str, Any]) -> dict[str, Any]:
    """Everything the nodes make of the data."""
    given = {name: Kept(value, copy_mode="assign") for name, value in data.items()}
    made = {name: Kept(copy_mode="assign") for name in nodes.all_outputs()}
    SequentialRunner().run(nodes, DataCatalog({**given, **made}))
    return {name: dataset.load() for name, dataset in made.items()}


def judged(study: Study, settings: dict[str, Any], table: bytes) -> dict[str, Any]:
    parameters = ScoresIngest(**settings)
    groups = {"ingest": parameters, "evaluate": VerdictParameters()}
    return run(
        ingest(study, groups) + evaluate(study, groups),
        {
            "raw": Folder({"fid_runs.csv": table}),
            "params:ingest": parameters,
            "params:evaluate": VerdictParameters(),
            "lineage": {},
        },
    )


@pytest.fixture(scope="module")
def published(real_data: Path) -> bytes:
    return (real_data / "midi" / "bitaraes" / "fid_runs.csv").read_bytes()


def test_the_published_runs_give_the_published_statistics(published: bytes) -> None:
    """Friedman 83.89, p 6.1e-19 and the pairs, from the raw file to the page's words."""
    made = judged(make_study(), PUBLISHED, published)
    verdict = made["verdict"]
    assert verdict["blocks"]["used"] == 55
    assert verdict["test"]["statistic"] == pytest.approx(83.89, abs=0.005)
    assert [row["mean"] for row in verdict["arms"]] == pytest.approx(
        [72.4334, 21.7541, 39.5702], abs=5e-5
    )
    assert [pair["p"] for pair in verdict["pairs"][1:]] == pytest.approx([3.5e-6, 5.3e-5], rel=0.02)
    assert "Friedman χ² = 83.89, p = 6.1e-19" in made["page"]
    assert any("behave like independent runs" in text for text in verdict["warnings"])
    assert len(made["scores"]) == len(made["ledger"]) == 165


def test_the_published_runs_declared_independent_are_no_blocks(published: bytes) -> None:
    """Kruskal-Wallis with p about 1e-24, and the sentence says that rows are no blocks."""
    verdict = judged(make_study(design="independent"), PUBLISHED, published)["verdict"]
    assert verdict["test"]["name"] == "Kruskal-Wallis"
    assert verdict["test"]["p"] == pytest.approx(1.0e-24, rel=0.1)
    assert "Rows are independent runs, not blocks." in verdict["sentence"]


def test_the_file_has_56_runs(published: bytes) -> None:
    """Without skipping the row that the authors read as names there is one run more."""
    verdict = judged(make_study(), {**PUBLISHED, "skip_rows": 0}, published)["verdict"]
    assert verdict["blocks"]["used"] == 56
    assert verdict["test"]["statistic"] == pytest.approx(84.25, abs=0.005)


def test_a_bad_cell_stops_the_run_with_its_line() -> None:
    """A word in a number cell never becomes a score."""
    table = b"original,augmented,replicated\n1,2,3\n1,two,3\n"
    with pytest.raises(FairtrialError, match="fid_runs.csv, line 3, arm augmented"):
        judged(make_study(), {"table": "fid_runs.csv", "higher_is_better": False}, table)


def test_a_table_that_is_not_there_is_named() -> None:
    """A wrong file name is an error about that name."""
    with pytest.raises(DataError, match="other.csv"):
        judged(make_study(), {**PUBLISHED, "table": "other.csv"}, b"1")


@pytest.mark.parametrize(
    ("change", "settings", "said"),
    [
        ({}, {}, "none of them"),
        ({"of": ("fish", "xray")}, PUBLISHED, "several"),
        ({"of": ("fish", "xray")}, {"ratings": "round"}, "several"),
        ({}, {**PUBLISHED, "columns": {"orignal": 15}}, "columns.orignal"),
    ],
)
def test_a_study_has_one_source_and_knows_its_arms(
    change: dict[str, Any], settings: dict[str, Any], said: str
) -> None:
    """A table or other studies, not both or neither; columns only of the study's arms."""
    groups = {"ingest": ScoresIngest(**settings), "evaluate": VerdictParameters()}
    with pytest.raises(ConfigError, match=said):
        ingest(make_study(**change), groups)


def test_other_studies_are_ranked_together() -> None:
    """Five studies as blocks, their direction and their synthetic samples taken over."""
    from fairtrial.statistics.scores import make_scores

    others = tuple(f"problem_{c}" for c in "abcde")
    study = make_study(name="across", of=others, arms=("de", "saga", "ga"))
    groups = {"ingest": ScoresIngest(), "evaluate": VerdictParameters()}
    data: dict[str, Any] = {"params:evaluate": VerdictParameters(), "lineage": {}}
    for place, other in enumerate(others):
        data[f"scores_of__{other}"] = make_scores(
            {
                "study": other,
                "arm": arm,
                "block": f"run_{k:03d}",
                "metric": "fid",
                "value": 10.0**place * (rank + 0.1 * k),
                "higher_is_better": False,
                "manifest_sha256": f"{place}" * 64,
            }
            for rank, arm in enumerate(study.arms, start=1)
            for k in range(4)
        )
        data[f"ingest_report_of__{other}"] = {"synthetic": place == 3}
    nodes = ingest(study, groups) + evaluate(study, groups)
    made = run(nodes, data)
    verdict = made["verdict"]
    assert verdict["ranking"] == ["de", "saga", "ga"]
    assert [row["mean_rank"] for row in verdict["arms"]] == [1, 2, 3]
    assert verdict["synthetic"]
    assert not verdict["warnings"]
    assert any(
        "problem_d ran on synthetic samples" in note for note in made["ingest_report"]["notes"]
    )


def test_every_kind_gets_its_own_parameters_judged() -> None:
    """Kedro reads the kind's class from the node, so that a kind's own keys are accepted."""

    class KindParameters(VerdictParameters):
        more: int = 1

    nodes = create_judging_nodes(make_study(), KindParameters, ["confusion"])
    judge = next(node for node in nodes if "verdict" in node.outputs)
    assert judge.func.__annotations__["parameters"] is KindParameters
    page = next(node for node in nodes if "page" in node.outputs)
    assert page.inputs[-3:] == ["figure__scores", "figure__ranks", "figure__confusion"]
