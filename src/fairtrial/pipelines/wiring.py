"""How stages are wired: one way to make a node, one way to find the template of a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study


def make_node(
    func: Callable[..., Any],
    inputs: Sequence[str],
    outputs: list[str] | str,
    *,
    stage: str,
    name: str,
    **constants: Any,
) -> Node:
    """A Kedro node ``STUDY.STAGE.NAME`` (the study's namespace is added by the registry).

    Args:
        func: a module-level function. Parameters annotated with a pydantic model (as a class, not
            as text: node modules do without ``from __future__ import annotations``) are checked
            and built by Kedro from ``params:``.
        inputs: dataset names in the order of the function's arguments.
        outputs: dataset names in the order of its results.
        stage: ingest, augment, train, evaluate or optimize.
        name: ``verb_noun`` or ``verb_noun__ARM__CHUNK``.
        constants: keyword-only arguments, part of the node's fingerprint; plain JSON data.
    """
    bound = partial(func, **constants)
    # Kedro reads the annotations of a node's function, which a partial lacks.
    bound.__annotations__ = {
        key: value
        for key, value in func.__annotations__.items()
        if isinstance(value, type) and key not in constants
    }
    bound.__name__ = func.__name__  # type: ignore[attr-defined]
    bound.__doc__ = func.__doc__
    return Node(bound, list(inputs), outputs, name=name, namespace=stage)


def trial_datasets(study: Study, kind: str) -> list[str]:
    """Names of what each arm and chunk left: ``outputs__ARM__CHUNK`` for kind ``outputs``."""
    return [f"{kind}__{arm}__{chunk}" for arm in study.arms for chunk in study.chunks()]


Template = Callable[[Study, Mapping[str, Any]], Pipeline]


def by_kind(templates: Mapping[str, Template]) -> Template:
    """The template of a stage: that of the study's form, its kind or the tuners of its kind.

    A template takes a study and its checked parameters (see `fairtrial.studies.Plan`), and gives
    the stage's nodes, still without the study's namespace.
    """

    def create_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
        return templates[study.form](study, groups)

    return create_pipeline
