"""Run ids, selections of stages and studies, and what the registry is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.session import check_selection, given_run_id, next_run_id
from fairtrial.studies import Plan

PLANS = {
    name: Plan(
        Study(
            name=name,
            kind=kind,
            arms=("a", "b"),
            blocks={"runs": 5},
            design="blocked",
            primary_metric="m",
        ),
        {},
    )
    for name, kind in (("xray", "images"), ("tank", "problems"))
}


def test_a_run_id_is_newer_than_every_stored_one(tmp_path: Path) -> None:
    """A clock set back never makes an old version the latest."""
    assert next_run_id(tmp_path) > "2026"
    (tmp_path / "_runs" / "2999-12-31T23.59.59.999Z").mkdir(parents=True)
    assert next_run_id(tmp_path) == "3000-01-01T00.00.00.000Z"


def test_an_orchestrator_gives_the_run_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tasks of one orchestrated run share a version; another text is refused."""
    monkeypatch.setenv("FAIRTRIAL_RUN_ID", "2026-01-31T23.59.59.999Z")
    assert given_run_id() == "2026-01-31T23.59.59.999Z"
    monkeypatch.setenv("FAIRTRIAL_RUN_ID", "../../etc")
    with pytest.raises(ConfigError, match="a time such as"):
        given_run_id()


@pytest.mark.parametrize(
    ("stages", "namespaces", "message"),
    [
        (["trian"], [], "Stages: augment, evaluate, ingest, optimize, train"),
        (["train"], ["fsh"], "Studies here: xray, tank"),
        (["train"], ["tank"], "tank has: ingest, optimize, evaluate"),
        (["optimize"], ["xray"], "xray has: ingest, augment, train, evaluate"),
        ([], ["tank.augment"], "tank has: ingest, optimize, evaluate"),
    ],
)
def test_a_selection_of_nothing_lists_what_there_is(
    stages: list[str], namespaces: list[str], message: str
) -> None:
    """A study or stage that does not exist is one clear error that lists those that do."""
    with pytest.raises(ConfigError, match=message):
        check_selection(PLANS, stages, namespaces)


def test_a_selection_of_something_is_let_through() -> None:
    """Stages and studies can be chosen alone and together."""
    check_selection(PLANS, ["train"], ["xray"])
    check_selection(PLANS, ["optimize"], [])
    check_selection(PLANS, [], ["xray.train", "tank"])
