"""A result is served again exactly while its recipe is the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from kedro.pipeline import Node
from kedro.runner import SequentialRunner

from fairtrial.storage import fingerprints
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.fingerprints import (
    expected_fingerprints,
    node_fingerprint,
    source_digest,
    stale_outputs,
)
from tests.storage.conftest import V1, V2, make_catalog
from tests.storage.nodes import Wish, fail_always, pipeline


def catalog_with(workspace: Path, version: str, **wish: object) -> TrialCatalog:
    catalog = make_catalog(workspace, version)
    catalog["params:wish"] = Wish(**wish)
    return catalog


def run(catalog: TrialCatalog, **options: object) -> None:
    nodes = pipeline(**options)
    catalog.fingerprints = expected_fingerprints(nodes, catalog)
    catalog.stale = stale_outputs(catalog, catalog.fingerprints)
    SequentialRunner().run(nodes, catalog, only_missing_outputs=True)


def versions(workspace: Path) -> dict[str, list[str]]:
    homes = [*workspace.glob("0*/s/*")]
    return {home.name: sorted(path.name for path in home.iterdir()) for home in homes}


def test_an_unchanged_recipe_runs_nothing(workspace: Path) -> None:
    """The second run finds everything fresh."""
    run(catalog_with(workspace, V1))
    run(catalog_with(workspace, V2))
    assert versions(workspace) == {"page.html": [V1], "verdict.json": [V1]}


@pytest.mark.parametrize(
    ("wish", "options"),
    [({"text": "bye"}, {}), ({"times": 3}, {}), ({}, {"suffix": "?"})],
    ids=["parameter", "default", "argument"],
)
def test_a_changed_recipe_runs_again_with_all_that_depends_on_it(
    workspace: Path, wish: dict, options: dict
) -> None:
    """A changed parameter or argument is never served by an old result."""
    run(catalog_with(workspace, V1))
    run(catalog_with(workspace, V2, **wish), **options)
    assert versions(workspace) == {"page.html": [V1, V2], "verdict.json": [V1, V2]}


def test_a_default_that_is_written_out_is_no_change(workspace: Path) -> None:
    """Parameters count as resolved, whether set or left to their default."""
    run(catalog_with(workspace, V1))
    run(catalog_with(workspace, V2, times=2))
    assert versions(workspace) == {"page.html": [V1], "verdict.json": [V1]}


def test_changed_source_is_stale(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New code makes old results stale."""
    run(catalog_with(workspace, V1))
    monkeypatch.setattr(fingerprints, "source_digest", lambda module: "new code")
    run(catalog_with(workspace, V2))
    assert versions(workspace) == {"page.html": [V1, V2], "verdict.json": [V1, V2]}


def test_one_node_alone_gets_the_fingerprint_of_the_whole_run(workspace: Path) -> None:
    """Tasks of an orchestrator and one run of everything agree on what is fresh."""
    catalog = catalog_with(workspace, V1)
    run(catalog)
    whole = expected_fingerprints(pipeline(), catalog)
    alone = expected_fingerprints(pipeline().from_nodes("s.evaluate.count_page"), catalog)
    assert alone["s.verdict"] == whole["s.verdict"]


def test_the_source_of_a_node_is_all_that_it_reaches() -> None:
    """A fingerprint covers the modules a function imports, also inside functions, and no others."""
    names = {path.stem for path in fingerprints._reached("fairtrial.session")}
    assert {"session", "catalog", "seals", "errors"} <= names
    assert "cli" not in names
    assert source_digest("fairtrial.core.seeds") != source_digest("fairtrial.core.files")


@pytest.mark.parametrize(
    ("stage", "output", "depends"),
    [
        ("train", "s.history__a__0", True),
        ("optimize", "s.model__a__0", True),
        ("optimize", "s.outputs__a__0", False),
        ("evaluate", "s.model__best", False),
    ],
)
def test_what_trains_depends_on_the_version_of_torch(
    stage: str, output: str, depends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training, and a search that keeps a model; a search over formulas does not."""
    node = Node(fail_always, "raw", output, name="n", namespace=f"s.{stage}")
    found = []
    for version in ("1", "2"):
        monkeypatch.setattr(fingerprints, "software", lambda version=version: {"torch": version})
        fingerprints._surroundings.cache_clear()
        found.append(node_fingerprint(node, {"raw": "x"}))
    fingerprints._surroundings.cache_clear()
    assert (found[0] != found[1]) is depends
