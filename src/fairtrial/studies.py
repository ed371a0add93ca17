"""Which studies exist: studies.yml and the parameters of the environment in use, cross-checked."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kedro.config import AbstractConfigLoader, MissingConfigException

from fairtrial.configuration import CONFIG_LOADER_ARGS, configuration
from fairtrial.core.errors import ConfigError
from fairtrial.core.files import project_path
from fairtrial.core.parameters import Parameters, check_name, check_parameters
from fairtrial.core.study import Stage, Study
from fairtrial.core.text import list_text
from fairtrial.problems.definition import Definition

# Stages in the order in which a study of the form goes through them.
STAGES: dict[str, tuple[Stage, ...]] = {
    "images": ("ingest", "augment", "train", "evaluate"),
    "tuners": ("ingest", "augment", "optimize", "evaluate"),
    "melodies": ("ingest", "augment", "train", "evaluate", "optimize"),
    "song_tuners": ("ingest", "optimize", "evaluate"),
    "problems": ("ingest", "optimize", "evaluate"),
    "scores": ("ingest", "evaluate"),
}

# Stages that only those studies of the form go through that have a group of parameters for them.
_OPTIONAL: dict[str, tuple[Stage, ...]] = {"melodies": ("optimize",)}

# Where each form declares its parameter models; light modules without torch.
_MODELS = {
    "images": "fairtrial.images.parameters",
    "tuners": "fairtrial.images.parameters.tune",
    "melodies": "fairtrial.melodies.parameters",
    "song_tuners": "fairtrial.melodies.parameters.song_tuners",
    "problems": "fairtrial.problems.parameters",
    "scores": "fairtrial.statistics.parameters",
}

# Groups that hold one entry a name: arms, and solvers that stand beside them.
_NAMED = ("arms", "references")


@dataclass(frozen=True)
class Plan:
    """A study with its parameters, both checked.

    Attributes:
        study: its structure.
        groups: group of parameters ("train", ...) -> model; "arms" and "references": name -> model.
    """

    study: Study
    groups: Mapping[str, Any]

    @property
    def stages(self) -> tuple[Stage, ...]:
        form = self.study.form
        optional = _OPTIONAL.get(form, ())
        return tuple(each for each in STAGES[form] if each not in optional or each in self.groups)


@dataclass(frozen=True)
class RawPlace:
    """Where a study's raw items lie: a folder or archive, and which files of it; or on Kaggle."""

    folder: Path
    pattern: str = "*"
    kaggle: str | None = None


def raw_place(plan: Plan) -> RawPlace | None:
    """Place of a user's own raw items; none where samples are drawn into the workspace.

    Raises:
        ConfigError: neither or both of samples and a place are set, or a definition is not found.
    """
    study, ingest = plan.study, plan.groups["ingest"]
    where = f"parameters_{study.name}.yml: {study.name}.ingest"
    if study.kind == "problems":
        path = _find_definition(ingest.definition, f"{where}.definition")
        # Its table lies beside it under the same name.
        return RawPlace(path.parent, f"{path.stem}.*")
    if study.kind == "scores":
        if study.of:
            return None
        if ingest.ratings:
            return RawPlace(project_path(ingest.ratings), "*.csv")
        table = project_path(ingest.table)
        return RawPlace(table.parent, table.name)
    # Only pictures come from Kaggle.
    kaggle = getattr(ingest, "kaggle", None)
    places = [place for place in (study.samples, ingest.root, kaggle) if place]
    if len(places) != 1:
        raise ConfigError(
            f"{where}.root",
            "either a folder here, a Kaggle data set or samples in studies.yml",
            " and ".join(places) or "neither",
            "Set samples: null there for your own data, or take root out for the samples.",
        )
    if kaggle:
        return RawPlace(Path(), kaggle=kaggle)
    return RawPlace(project_path(ingest.root)) if ingest.root else None


def _find_definition(name: str, where: str) -> Path:
    loader = configuration()
    environments = [loader.env or CONFIG_LOADER_ARGS["default_run_env"], "base"]
    places = [Path(loader.conf_source) / env / name for env in environments]
    for path in [project_path(name), *places]:
        if path.is_file():
            return path
    looked = ", ".join(str(path) for path in places)
    raise ConfigError(where, "a problem file", f"none at {looked}", "Write it, or mend the name.")


def parameter_models(form: str) -> dict[str, type[Parameters]]:
    """Group -> model of a form's parameters; for "arms" and "references" the model of one entry."""
    return dict(importlib.import_module(_MODELS[form]).PARAMETERS)


def read_plans(loader: AbstractConfigLoader | None = None) -> dict[str, Plan]:
    """Every enabled study of the environment in use, checked against its parameters, each way.

    Raises:
        ConfigError: naming the file, key, rule and remedy of the first fault.
    """
    # A loader is a mapping that is empty until it is asked, so its truth says nothing.
    loader = configuration() if loader is None else loader
    try:
        structures = dict(loader["studies"])
    except MissingConfigException:
        raise ConfigError("conf/base/studies.yml", "a file", "none", "Restore it.") from None
    parameters = dict(loader["parameters"])
    base = yaml.safe_load((Path(loader.conf_source) / "base" / "studies.yml").read_text())
    plans: dict[str, Plan] = {}
    disabled: set[str] = set()
    for name, entry in structures.items():
        check_name(name, f"studies.yml: {name}")
        if not isinstance(entry, Mapping):
            raise ConfigError(f"studies.yml: {name}", "a mapping", repr(entry), "Give it a kind.")
        if entry.get("enabled") is False:
            disabled.add(name)
            continue
        study = check_parameters(Study, {"name": name, **entry}, f"studies.yml: {name}")
        base_arms = set((base.get(name) or {}).get("arms") or [])
        groups = _read_groups(study, parameters.get(name), base_arms)
        plans[name] = Plan(study, groups)
    _check_rest(plans, disabled, parameters)
    return plans


def _read_groups(study: Study, values: Any, base_arms: set[str]) -> dict[str, Any]:
    where = f"parameters_{study.name}.yml: {study.name}"
    if not isinstance(values, Mapping):
        raise ConfigError(where, "the parameters of the study", repr(values), "Add the file.")
    models = parameter_models(study.form)
    for group in values:
        if group not in models:
            known = f"Its groups: {', '.join(sorted(models))}."
            raise ConfigError(
                f"{where}.{group}", f"a group of kind {study.form}", "an unknown one", known
            )
    groups: dict[str, Any] = {}
    for group, model in models.items():
        if group in _NAMED:
            entries = values.get(group) or {}
            groups[group] = {
                check_name(name, f"{where}.{group}.{name}"): check_parameters(
                    model, entry or {}, f"{where}.{group}.{name}"
                )
                for name, entry in entries.items()
            }
        elif group not in values and group in _OPTIONAL.get(study.form, ()):
            continue
        elif group not in values:
            missing = [
                each
                for each in models
                if each not in {*values, *_NAMED, *_OPTIONAL.get(study.form, ())}
            ]
            added = list_text([f"`{each}: {{}}`" for each in missing])
            whose = "its" if len(missing) == 1 else "their"
            raise ConfigError(
                f"{where}.{group}", "the group", "none", f"Add {added} for {whose} defaults."
            )
        else:
            groups[group] = check_parameters(model, values[group] or {}, f"{where}.{group}")
    if "arms" in models:
        _check_arms(study, groups["arms"], where, base_arms)
    return groups


def _check_arms(study: Study, arms: Mapping[str, Any], where: str, base: set[str]) -> None:
    for name in study.arms:
        if name not in arms:
            raise ConfigError(
                f"{where}.arms.{name}",
                f"settings of the arm that studies.yml names in {study.name}.arms",
                "none",
                "Add them, or take the arm out of studies.yml.",
            )
    # An environment may compare fewer arms than base, whose settings it inherits.
    for name in sorted(set(arms) - set(study.arms) - base):
        raise ConfigError(
            f"{where}.arms.{name}",
            f"an arm that studies.yml names in {study.name}.arms",
            f"one that it does not ({', '.join(study.arms)})",
            "Add it there, or remove its settings.",
        )


def _check_rest(plans: dict[str, Plan], disabled: set[str], parameters: dict[str, Any]) -> None:
    for name in parameters:
        if name not in plans and name not in disabled and name not in ("seed", "data_root"):
            raise ConfigError(
                f"parameters: {name}",
                "a study of studies.yml, or seed",
                "another key",
                f"Studies here: {', '.join(sorted(plans)) or 'none'}.",
            )
    if not isinstance(parameters.get("seed"), int) or isinstance(parameters.get("seed"), bool):
        raise ConfigError(
            "parameters.yml: seed",
            "an integer",
            repr(parameters.get("seed")),
            "Set the root seed there.",
        )
    for plan in plans.values():
        for other in plan.study.of:
            if other not in plans or plans[other].study.name == plan.study.name:
                raise ConfigError(
                    f"studies.yml: {plan.study.name}.of",
                    "other studies of this environment",
                    repr(other),
                    f"Studies here: {', '.join(sorted(plans))}.",
                )


def study_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas for editors: of studies.yml, parameters of each form of study, and problems."""
    entry = Study.model_json_schema()
    entry["properties"].pop("name")
    definitions = entry.pop("$defs", {})
    schemas: dict[str, dict[str, Any]] = {
        "studies": {"type": "object", "additionalProperties": entry, "$defs": definitions}
    }
    for form in STAGES:
        groups: dict[str, Any] = {}
        defs: dict[str, Any] = {}
        for group, model in parameter_models(form).items():
            part = model.model_json_schema()
            defs.update(part.pop("$defs", {}))
            named = {"type": "object", "additionalProperties": part}
            groups[group] = named if group in _NAMED else part
        study = {"type": "object", "properties": groups, "additionalProperties": False}
        schemas[f"parameters_{form}"] = {
            "type": "object",
            "additionalProperties": study,
            "$defs": defs,
        }
    problem = {"problem": Definition.model_json_schema()}
    return {name: _without_required(schema) for name, schema in schemas.items()} | problem


def _without_required(schema: Any) -> Any:
    """A schema that asks for no key: an environment states only what it changes."""
    if isinstance(schema, dict):
        return {key: _without_required(v) for key, v in schema.items() if key != "required"}
    return [_without_required(v) for v in schema] if isinstance(schema, list) else schema
