"""The runner over spawned workers."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from kedro.framework.startup import bootstrap_project

from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.runner import SpawnRunner
from tests.conftest import PROJECT
from tests.storage.conftest import V1, make_catalog
from tests.storage.nodes import Wish, pipeline


@pytest.fixture
def catalog(workspace: Path) -> TrialCatalog:
    bootstrap_project(PROJECT)
    catalog = make_catalog(workspace, V1)
    catalog["params:wish"] = Wish()
    return catalog


def test_workers_compute_what_one_process_does(catalog: TrialCatalog) -> None:
    """Results of spawned workers are stored, and each worker uses one thread."""
    SpawnRunner(max_workers=2).run(pipeline(), catalog, run_id=V1)
    assert catalog.load("s.page") == "hellohello!"
    assert catalog.load("s.verdict") == {"length": 11, "block": "b0", "threads": "1"}


def test_a_failure_holds_back_only_what_depends_on_it(
    catalog: TrialCatalog, workspace: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Other nodes go on, and the error says what is done, what failed and what waited."""
    bad = make_catalog(workspace, V1)
    for name, other in (("s.bad", "s.verdict"), ("s.never", "s.verdict")):
        dataset = make_catalog(workspace / name, V1)[other]
        bad[name] = dataset
    bad["params:wish"] = Wish()
    with caplog.at_level(logging.INFO), pytest.raises(TrialError) as caught:
        SpawnRunner(max_workers=2).run(pipeline(broken=True), bad, run_id=V1)
    message = str(caught.value)
    assert message.startswith("1 of 4 nodes")
    assert "2 done; failed: s.train.fail_always; waiting for them: s.train.wait" in message
    assert "ValueError: no verdict on 'hellohello!'" in message
    assert catalog.load("s.verdict")["length"] == 11


def test_an_output_without_an_entry_is_refused(catalog: TrialCatalog) -> None:
    """A typo in an output's name stops the run before it starts."""
    with pytest.raises(ConfigError, match=r"output s.bad: expected an entry in catalog.yml"):
        SpawnRunner(max_workers=2).run(pipeline(broken=True), catalog, run_id=V1)
