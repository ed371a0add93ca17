"""What must hold before a study of problems starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.optimizers.recipe import check_recipe
from fairtrial.optimizers.registry import DETERMINISTIC, SOLVERS
from fairtrial.problems.practice.ready import check_practice

PRIMARY = ("relative_gap", "best_objective")

# Solvers that end in an optimum, if only a local one; a front is no such thing.
_YARDSTICKS = (SOLVERS | DETERMINISTIC) - {"nsga2"}


def check_ready(study: Study, groups: Mapping[str, Any], fetch: bool = True) -> None:
    """Stop what would fail after hours or mean nothing.

    Args:
        study: its structure.
        groups: its checked parameters.
        fetch: as every kind is asked; a problem fetches nothing.

    Raises:
        ConfigError: naming the parameter.
    """
    if study.primary_metric not in PRIMARY:
        raise ConfigError(
            f"studies.yml: {study.name}.primary_metric",
            f"one of {', '.join(PRIMARY)}",
            repr(study.primary_metric),
            "Set it to relative_gap.",
        )
    for name in study.arms:
        where = f"parameters_{study.name}.yml: {study.name}.arms.{name}"
        budget = groups["optimize"].evaluations
        recipe = groups["arms"][name]
        check_recipe(recipe, budget, where, "optimize.evaluations")
        if recipe.optimizer in DETERMINISTIC:
            raise ConfigError(
                f"{where}.optimizer",
                "one whose runs differ by their seed",
                recipe.optimizer,
                "Move it to references: one run says all there is.",
            )
    _check_beside(study, groups)
    both = sorted(set(groups["references"]) & set(study.arms))
    if both:
        raise ConfigError(
            f"parameters_{study.name}.yml: {study.name}.references.{both[0]}",
            "a name that no arm has",
            both[0],
            "Rename the reference.",
        )
    _check_field(study, groups)
    _check_factors(study, factorial_arms(study, groups), groups["evaluate"].factors)
    check_practice(study, groups)


def _check_beside(study: Study, groups: Mapping[str, Any]) -> None:
    """References and the sweep can run too."""
    where = f"parameters_{study.name}.yml: {study.name}"
    optimize = groups["optimize"]
    for name, recipe in groups["references"].items():
        place = f"{where}.references.{name}"
        check_recipe(recipe, optimize.evaluations, place, "optimize.evaluations")
    for _, recipe in optimize.sweep.points() if optimize.sweep is not None else ():
        key = "optimize.sweep.evaluations"
        check_recipe(recipe, optimize.sweep.evaluations, f"{where}.optimize.sweep", key)


def _check_field(study: Study, groups: Mapping[str, Any]) -> None:
    """Without blind chance and a solver beside them, optimisers are compared with nothing."""
    where = f"parameters_{study.name}.yml: {study.name}"
    arms = [groups["arms"][name].optimizer for name in study.arms]
    if "random_search" not in arms:
        raise ConfigError(
            f"{where}.arms",
            "random search among the arms, which every other one should beat",
            ", ".join(sorted(set(arms))),
            "Add the arm `random_search: {optimizer: random_search}` here and in studies.yml.",
        )
    beside = [recipe.optimizer for recipe in groups["references"].values()]
    if not _YARDSTICKS & {*arms, *beside}:
        known = ", ".join(sorted(_YARDSTICKS))
        raise ConfigError(
            f"{where}.references",
            f"an exact, local or deterministic solver beside the arms ({known})",
            ", ".join(beside) or "none",
            "Add `references: {slsqp: {optimizer: slsqp}}`; highs where the problem is linear, "
            "direct where it has whole numbers or choices.",
        )


def factorial_arms(study: Study, groups: Mapping[str, Any]) -> list[str]:
    """Arms that combine mechanisms: all but blind chance."""
    return [name for name in study.arms if groups["arms"][name].optimizer != "random_search"]


def _check_factors(study: Study, arms: list[str], factors: Mapping[str, Any]) -> None:
    """Effects of mechanisms need all their combinations, one an arm."""
    if not factors:
        return
    where = f"parameters_{study.name}.yml: {study.name}.evaluate.factors"
    for name, having in factors.items():
        unknown = sorted(set(having) - set(arms))
        if unknown:
            known = ", ".join(arms)
            raise ConfigError(f"{where}.{name}", f"arms ({known})", unknown[0], "Mend the name.")
    runs = None if study.blocks is None else study.blocks.runs
    if (runs or 0) < 2:
        raise ConfigError(
            f"studies.yml: {study.name}.blocks",
            "two runs at least, without which no effect has an interval",
            runs,
            "Set runs to 25 or more.",
        )
    found = {tuple(arm in having for having in factors.values()) for arm in arms}
    if not len(found) == len(arms) == 2 ** len(factors):
        raise ConfigError(
            where,
            f"arms that are all {2 ** len(factors)} combinations of {', '.join(factors)}",
            f"{len(found)} combinations in {len(arms)} arms",
            "Add the arms that are missing, or take a mechanism out.",
        )
