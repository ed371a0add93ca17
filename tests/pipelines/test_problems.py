"""A study of a problem, from its file to its page, through its own nodes."""

from __future__ import annotations

import inspect
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from kedro.pipeline import Pipeline

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.parameters import check_parameters
from fairtrial.core.study import Study
from fairtrial.optimizers.recipe import Recipe
from fairtrial.pipelines.evaluate import problems as evaluate
from fairtrial.pipelines.ingest import problems as ingest
from fairtrial.pipelines.optimize import problems as optimize
from fairtrial.problems.parameters import PARAMETERS, IngestParameters
from fairtrial.problems.ready import check_ready

CONF = Path(__file__).parents[2] / "conf"
NAMES = ["aggregates", "storage_tank", "wastewater"]
STAGES = {"ingest": ingest, "optimize": optimize, "evaluate": evaluate}


class Folder:
    """A `RawFolder` over a folder."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.files = pd.DataFrame(
            [
                {"path": f.name, "size": f.stat().st_size, "sha256": sha256_bytes(f.read_bytes())}
                for f in sorted(root.iterdir())
                if f.is_file()
            ],
            columns=["path", "size", "sha256"],
        )

    def read(self, path: str) -> bytes:
        return (Path(self.root) / path).read_bytes()


def settings_of(name: str) -> dict[str, Any]:
    values = yaml.safe_load((CONF / "base" / f"parameters_{name}.yml").read_text())[name]
    groups: dict[str, Any] = {}
    for group, model in PARAMETERS.items():
        if group in ("arms", "references"):
            groups[group] = {
                entry: check_parameters(model, value, f"{group}.{entry}")
                for entry, value in values[group].items()
            }
        else:
            groups[group] = check_parameters(model, values[group], group)
    return groups


def study_of(name: str, groups: Mapping[str, Any], runs: int) -> Study:
    return Study(
        name=name,
        kind="problems",
        arms=tuple(groups["arms"]),
        blocks={"runs": runs},
        design="independent",
        primary_metric="relative_gap",
    )


def pipeline_of(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    parts = [stage.create_problems_pipeline(study, dict(groups)) for stage in STAGES.values()]
    return sum(parts, Pipeline([]))


def carry_out(
    name: str, evaluations: int, runs: int, arms: Mapping[str, Recipe] | None = None
) -> dict[str, Any]:
    """Every dataset of a study with a small budget, and with other arms where given."""
    groups = settings_of(name)
    if arms is not None:
        # What is asked of the study's own arms cannot be asked of others.
        groups["arms"] = arms
        groups["evaluate"] = groups["evaluate"].model_copy(update={"practice": None})
    groups["optimize"] = groups["optimize"].model_copy(update={"evaluations": evaluations})
    study = study_of(name, groups, runs)
    check_ready(study, groups)
    data: dict[str, Any] = {"raw": Folder(CONF / "base" / "problems"), "lineage": {}}
    data["params:seed"] = 7
    for group, value in groups.items():
        if group in ("arms", "references"):
            data |= {f"params:{group}.{entry}": recipe for entry, recipe in value.items()}
        else:
            data[f"params:{group}"] = value
    for node in pipeline_of(study, groups).nodes:
        data |= node.run({dataset: data[dataset] for dataset in node.inputs})
    return data


@pytest.fixture(scope="module")
def aggregates() -> dict[str, Any]:
    """The aggregates at 2000 evaluations and 5 runs an arm."""
    return carry_out("aggregates", 2000, 5)


@pytest.mark.parametrize("name", NAMES)
def test_wiring_is_complete_and_light(name: str) -> None:
    """Nodes take the study's own parameters, can be sent to workers, and have telling names."""
    groups = settings_of(name)
    pipeline = pipeline_of(study_of(name, groups, 3), groups)
    parameters = {"params:seed"} | {f"params:{g}" for g in ("ingest", "optimize", "evaluate")}
    parameters |= {f"params:{g}.{n}" for g in ("arms", "references") for n in groups[g]}
    assert pipeline.inputs() == parameters | {"raw", "lineage"}
    for node in pipeline.nodes:
        assert pickle.loads(pickle.dumps(node.func)).func is node.func.func
        assert node.namespace in STAGES
    names = {node.name for node in pipeline.nodes}
    assert {"ingest.compile_problem", "evaluate.score_trials", "evaluate.draw_answer"} <= names
    assert "optimize.run_optimizer__de__0" in names
    assert "optimize.solve_reference__slsqp__0" in names
    assert {"evaluate.certify_answer", "evaluate.draw_comparison"} <= names
    assert ("optimize.sweep_settings" in names) == (name != "aggregates")
    assert ("figure__sieve_curve" in pipeline.outputs() | pipeline.all_outputs()) == (
        name == "aggregates"
    )


def test_parameters_arrive_checked() -> None:
    """Node arguments that are parameters are annotated with their models, as classes."""
    for module in STAGES.values():
        for _, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__:
                continue
            for argument in ("ingest", "optimize", "evaluate"):
                if argument in inspect.signature(function).parameters:
                    assert function.__annotations__[argument] is PARAMETERS[argument]


def test_a_study_ends_in_scores_of_every_run(aggregates: dict[str, Any]) -> None:
    """Each arm has its runs at one granted budget, each reference its one row at what it spent."""
    scores = aggregates["scores"]
    gaps = scores[scores["metric"] == "relative_gap"]
    assert gaps.groupby("arm").size().to_dict() == {
        "saga": 5, "ga": 5, "de": 5, "de_best": 5, "random_search": 5, "lp": 1, "slsqp": 1
    }  # fmt: skip
    assert set(gaps.loc[gaps["role"] == "reference", "arm"]) == {"lp", "slsqp"}
    assert set(gaps.loc[gaps["role"] == "reference", "block"]) == {"reference"}
    assert set(scores.loc[scores["role"] == "arm", "budget"]) == {2000}
    assert gaps.loc[gaps["arm"] == "lp", "value"].tolist() == [0.0]
    ledger = aggregates["ledger"].set_index("arm")
    assert set(ledger.loc[["saga", "ga", "de", "random_search"], "budget"]) == {2000}
    assert (ledger["budget"] <= 2000).all()
    assert (ledger["seconds"] > 0).all()
    spent = gaps.set_index("arm")["budget"]
    assert spent["lp"] == ledger.loc["lp", "budget"] == 1
    assert spent["slsqp"] == ledger.loc["slsqp", "budget"] < 2000


def test_the_report_reconciles_and_names_its_files(aggregates: dict[str, Any]) -> None:
    """Listed is used plus excluded; the definition and its table stand with their hashes."""
    manifest, report = aggregates["manifest"], aggregates["ingest_report"]
    counts = report["counts"]
    assert set(report) == {"counts", "reasons", "synthetic", "notes", "warnings"}
    assert counts == {"listed": len(manifest), "used": len(manifest), "excluded": 0}
    assert report["reasons"] == {}
    assert manifest["item_id"].is_unique
    files = manifest[manifest["label"] == "file"].set_index("path")["sha256"]
    for name in ("aggregates.yml", "aggregates.csv"):
        content = (CONF / "base" / "problems" / name).read_bytes()
        assert files[name] == sha256_bytes(content)
    json.dumps(report, allow_nan=False)


def test_runs_with_the_same_seed_give_the_same_scores(aggregates: dict[str, Any]) -> None:
    """Bit for bit, and so do the figures and the answer."""
    again = carry_out("aggregates", 2000, 5)
    assert again["scores"].equals(aggregates["scores"])
    figures = [name for name in aggregates if name.startswith("figure__")]
    assert {"figure__answer", "figure__certificate", "figure__targets"} <= set(figures)
    for figure in (*figures, "certificate"):
        assert again[figure] == aggregates[figure]


def test_more_runs_leave_the_first_ones_as_they_are(aggregates: dict[str, Any]) -> None:
    """Blocks added to a study never move those it has."""
    more = carry_out("aggregates", 2000, 6)["scores"]
    old = aggregates["scores"]
    kept = more[more["block"].isin(set(old["block"]))].reset_index(drop=True)
    assert kept.equals(old)


@pytest.mark.parametrize("name", ["wastewater", "storage_tank"])
def test_the_tanks_run_to_their_page(name: str) -> None:
    """The reference reaches the known optimum; the page names the study."""
    data = carry_out(name, 1000, 3)
    gaps = data["scores"].query("metric == 'relative_gap'").set_index("arm")["value"]
    assert gaps["slsqp"] < 1e-6
    assert name in data["page"]
    assert data["verdict"]["primary_metric"] == "relative_gap"


def test_every_search_can_be_an_arm() -> None:
    """Gravitational search, CMA-ES and TPE are compared on a problem like any other."""
    arms = {
        "gravity": Recipe(optimizer="gsa", population=10, masses="rank"),
        "cma": Recipe(optimizer="cma_es"),
        "parzen": Recipe(optimizer="tpe", startup=5),
        "random_search": Recipe(optimizer="random_search"),
    }
    scores = carry_out("storage_tank", 40, 3, arms)["scores"]
    mine = scores[(scores["role"] == "arm") & (scores["metric"] == "feasible")]
    assert mine.groupby("arm").size().to_dict() == dict.fromkeys(arms, 3)
    assert set(mine["budget"]) == {40}


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    """The message names the file, what is there, and the name that is looked for."""
    source = CONF / "base" / "problems" / "aggregates.yml"
    (tmp_path / "aggregates.yml").write_bytes(source.read_bytes())
    with pytest.raises(DataError, match=r"aggregates.csv: expected the table .* aggregates.csv\."):
        ingest.compile_problem(
            Folder(tmp_path), IngestParameters(definition="problems/aggregates.yml")
        )
    with pytest.raises(DataError, match="expected the problem's file"):
        ingest.compile_problem(Folder(tmp_path), IngestParameters(definition="other.yml"))
