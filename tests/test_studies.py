"""studies.yml and the parameters must fit each other, each way, before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from fairtrial.configuration import CONFIG_LOADER_ARGS, TrialConfigLoader
from fairtrial.core.errors import ConfigError
from fairtrial.studies import raw_place, read_plans, study_schemas

STUDY = {
    "kind": "problems",
    "arms": ["one", "two"],
    "blocks": {"runs": 5},
    "design": "independent",
    "primary_metric": "relative_gap",
}
PARAMETERS = {
    "ingest": {"definition": "problems/tank.yml"},
    "optimize": {"evaluations": 100},
    "evaluate": {},
    "arms": {"one": {"optimizer": "random_search"}, "two": {"optimizer": "random_search"}},
}


def loader(folder: Path, studies: Any, parameters: Any, env: str = "local") -> TrialConfigLoader:
    for name, content in (("studies", studies), ("parameters", parameters)):
        (folder / "base").mkdir(exist_ok=True)
        (folder / "base" / f"{name}.yml").write_text(yaml.safe_dump(content))
    (folder / env).mkdir(exist_ok=True)
    return TrialConfigLoader(conf_source=str(folder), env=env, **CONFIG_LOADER_ARGS)


def plans(folder: Path, studies: Any, parameters: Any) -> dict[str, Any]:
    return read_plans(loader(folder, studies, parameters))


def changed(content: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """``content`` with the value at a dotted path replaced, or removed if None."""
    first, _, rest = path.partition(".")
    if rest:
        return {**content, first: changed(content[first], rest, value)}
    return {k: v for k, v in {**content, first: value}.items() if v is not None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tank: {}\ntank: {}\n", "line 2: expected YAML, found duplicate key tank"),
        ("tank:\n  a: 1\n   b: 2\n", "line 3: expected YAML, found mapping values"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """A snippet pasted below another of the same study says its name twice."""
    found = loader(tmp_path, {"tank": STUDY}, {"seed": 1, "tank": PARAMETERS})
    (tmp_path / "base" / "parameters_tank.yml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_plans(found)
    assert f"parameters_tank.yml, {message}" in str(caught.value)


def test_a_study_is_read_with_its_checked_parameters(tmp_path: Path) -> None:
    """A sound configuration gives the study and typed groups with their defaults."""
    plan = plans(tmp_path, {"tank": STUDY}, {"seed": 1, "tank": PARAMETERS})["tank"]
    assert plan.study.arms == ("one", "two")
    assert plan.groups["evaluate"].alpha == 0.05
    assert set(plan.groups["arms"]) == {"one", "two"}


@pytest.mark.parametrize(
    ("study", "path", "value", "message"),
    [
        (STUDY, "arms.two", None, "tank.arms.two: expected settings of the arm"),
        (STUDY, "arms.three", {"optimizer": "saga"}, "tank.arms.three: expected an arm that"),
        (STUDY, "optimise", {}, "tank.optimise: expected a group of kind problems"),
        (STUDY, "evaluate", None, "Add `evaluate: {}` for its defaults"),
        (STUDY, "optimize.evaluation", 5, "tank.optimize.evaluation: expected a known key"),
        (STUDY, "optimize.evaluations", "many", "expected a valid integer, found 'many'"),
        (STUDY, "optimize.evaluations", -1, "greater than or equal to 1, found -1"),
        (STUDY, "evaluate.alpha", float("nan"), "less than 0.5, found nan"),
    ],
)
def test_a_mismatch_names_file_and_key(
    tmp_path: Path, study: Any, path: str, value: Any, message: str
) -> None:
    """Each mistake in the parameters is one message with the place and the rule."""
    parameters = {"seed": 1, "tank": changed(PARAMETERS, path, value)}
    with pytest.raises(ConfigError) as caught:
        plans(tmp_path, {"tank": study}, parameters)
    assert message in str(caught.value)
    assert "parameters_tank.yml" in str(caught.value)


def test_parameters_of_no_study_are_refused(tmp_path: Path) -> None:
    """A study that is spelled differently in the two files is found."""
    with pytest.raises(ConfigError, match="parameters: tnak: expected a study of studies.yml"):
        plans(tmp_path, {"tank": STUDY}, {"seed": 1, "tank": PARAMETERS, "tnak": {}})
    with pytest.raises(ConfigError, match="parameters_tank.yml: tank: expected the parameters"):
        plans(tmp_path, {"tank": STUDY}, {"seed": 1})


@pytest.mark.parametrize("seed", [None, "1", 1.5, True])
def test_the_root_seed_is_an_integer(tmp_path: Path, seed: Any) -> None:
    """Without a root seed nothing is reproducible, so nothing runs."""
    with pytest.raises(ConfigError, match="parameters.yml: seed: expected an integer"):
        plans(tmp_path, {"tank": STUDY}, {"seed": seed, "tank": PARAMETERS})


def test_an_environment_refines_base(tmp_path: Path) -> None:
    """An environment disables a study, compares fewer arms and changes single values."""
    base = {"tank": {**STUDY, "arms": ["one", "two", "three"]}, "other": STUDY}
    arms = {**PARAMETERS["arms"], "three": {"optimizer": "random_search"}}
    values = {**PARAMETERS, "arms": arms}
    made = loader(tmp_path, base, {"seed": 1, "tank": values, "other": PARAMETERS}, env="small")
    changes = {"tank": {"arms": ["one", "two"]}, "other": {"enabled": False}}
    (tmp_path / "small" / "studies.yml").write_text(yaml.safe_dump(changes))
    few = {"tank": {"optimize": {"evaluations": 7}}}
    (tmp_path / "small" / "parameters_tank.yml").write_text(yaml.safe_dump(few))
    found = read_plans(made)
    assert list(found) == ["tank"]
    assert found["tank"].study.arms == ("one", "two")
    assert found["tank"].groups["optimize"].evaluations == 7


def test_a_melody_study_ends_in_a_song_only_where_one_is_asked_for(tmp_path: Path) -> None:
    """Without the group optimize there is no such stage; with it, it comes after the verdict."""
    study = {**STUDY, "kind": "melodies", "primary_metric": "frechet_musical"}
    groups = {group: {} for group in ("ingest", "split", "augment", "train", "evaluate", "rating")}
    values = {**groups, "arms": {name: {"training_set": "original"} for name in STUDY["arms"]}}
    plain = plans(tmp_path, {"tunes": study}, {"seed": 1, "tunes": values})["tunes"]
    assert plain.stages == ("ingest", "augment", "train", "evaluate")
    values["optimize"] = {"bars": 4}
    song = plans(tmp_path, {"tunes": study}, {"seed": 1, "tunes": values})["tunes"]
    assert song.stages == (*plain.stages, "optimize")
    assert song.groups["optimize"].bars == 4


def test_editors_get_a_schema_of_every_file() -> None:
    """The JSON Schemas know the keys of studies.yml and of every kind's parameters."""
    schemas = study_schemas()
    assert "primary_metric" in schemas["studies"]["additionalProperties"]["properties"]
    kinds = {"images", "melodies", "problems", "scores"}
    assert {f"parameters_{kind}" for kind in kinds} <= set(schemas)
    study = schemas["parameters_images"]["additionalProperties"]
    assert "network" in study["properties"]["arms"]["additionalProperties"]["properties"]
    assert "second_objective" in schemas["problem"]["properties"]
    assert schemas["problem"]["required"] == ["name", "title", "source"]


@pytest.mark.parametrize(
    ("samples", "ingest", "found"),
    [
        (None, {}, "neither"),
        (None, {"root": "/data", "kaggle": "a/b"}, "/data and a/b"),
        ("fish_shapes", {"kaggle": "a/b"}, "fish_shapes and a/b"),
    ],
)
def test_pictures_come_from_one_place(
    tmp_path: Path, samples: str | None, ingest: dict[str, str], found: str
) -> None:
    """A folder, a Kaggle data set or samples: exactly one, and the message names what is set."""
    study = {**STUDY, "kind": "images", "blocks": {"folds": 2}, "samples": samples}
    groups = {group: {} for group in ("split", "augment", "train", "evaluate")}
    arms = {name: {"network": "residual"} for name in STUDY["arms"]}
    values = {"ingest": ingest, **groups, "arms": arms}
    plan = plans(tmp_path, {"fish": study}, {"seed": 0, "fish": values})["fish"]
    with pytest.raises(ConfigError, match=f"samples in studies.yml, found {found}. Set samples"):
        raw_place(plan)
    only = {**values, "ingest": {"kaggle": "a/b"}}
    plan = plans(tmp_path, {"fish": {**study, "samples": None}}, {"seed": 0, "fish": only})["fish"]
    place = raw_place(plan)
    assert place is not None
    assert place.kaggle == "a/b"


def test_ratings_are_every_table_of_their_folder(tmp_path: Path) -> None:
    """The key and the files of all raters, and nothing else that lies there."""
    study = {"kind": "scores", "arms": ["one", "two"], "design": "blocked", "primary_metric": "m"}
    values = {"ingest": {"ratings": str(tmp_path / "round")}, "evaluate": {}}
    place = raw_place(plans(tmp_path, {"heard": study}, {"seed": 0, "heard": values})["heard"])
    assert place is not None
    assert (place.folder, place.pattern) == (tmp_path / "round", "*.csv")
