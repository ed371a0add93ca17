"""From scores to a verdict: plain data with every number that a page shows, and no NaN."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics import beside, cautions, summaries, wording
from fairtrial.statistics import pairs as pairwise
from fairtrial.statistics.comparisons import (
    Comparison,
    compare_blocked,
    compare_independent,
    standing,
)
from fairtrial.statistics.guards import UntestableError, mean_correlation
from fairtrial.statistics.parameters import VerdictParameters
from fairtrial.statistics.scores import check_scores
from fairtrial.statistics.selection import Selection, select, select_rows

Plain = dict[str, Any]


def judge(
    scores: pd.DataFrame,
    *,
    design: str,
    primary_metric: str,
    parameters: VerdictParameters,
    synthetic: bool,
    warnings: Sequence[str] = (),
    ledger: pd.DataFrame | None = None,
    sees: Mapping[str, str] | None = None,
) -> Plain:
    """Judge the arms of one study by its primary metric on the test split.

    Too few blocks, or blocks that all tie, do not stop it: the verdict then describes, and its
    ``refused`` says why there is no test.

    Args:
        scores: table of one study, as `make_scores` builds it.
        design: blocked (rows of one block share folds, weights, noise) or independent.
        primary_metric: the metric to judge by.
        parameters: level, smallest difference that matters.
        synthetic: whether the scores stem from synthetic samples.
        warnings: what is known to be wrong with the data, to stand among the verdict's own.
        ledger: what the trials spent, as `make_ledger` builds it; without it, or where it holds no
            budgets, budgets are those of the scores.
        sees: probe or floor -> what it sees, to follow "which sees" in a sentence.

    Returns:
        Plain JSON data. ``sentence`` is the verdict in words; ``outcome`` one of "differ",
        "equal", "not_shown_to_differ", "not_tested"; ``arms``, ``pairs``, ``others`` (references,
        probes, floors), ``metrics``, ``values`` (arm -> unit -> value) are tables.

    Raises:
        StatisticsError: the table breaks a rule of `make_scores`, holds several studies, or lacks
            the primary metric.
    """
    scores = check_scores(scores)
    if scores["study"].nunique() > 1:
        raise StatisticsError(
            "scores", "one study", sorted(scores["study"].unique()), "Judge each on its own."
        )
    chosen = select(scores, design, primary_metric)
    comparison, refused = _compare(chosen, design, parameters.alpha)
    confidence = 1 - parameters.alpha
    limit = parameters.smallest_difference
    bounds = summaries.metric_bounds(primary_metric, select_rows(scores, primary_metric)["value"])
    pairs = pairwise.compare_pairs(chosen, design, comparison, parameters.alpha, limit)
    verdict: Plain = {
        "study": str(scores["study"].iloc[0]),
        "design": design,
        "primary_metric": primary_metric,
        "protocol": chosen.protocol,
        "higher_is_better": chosen.higher_is_better,
        "alpha": parameters.alpha,
        "smallest_difference": limit,
        "bounds": list(bounds),
        "synthetic": synthetic,
        "research_use_only": parameters.research_use_only,
        "outcome": _outcome(comparison, parameters.alpha, pairs),
        "refused": refused,
        "test": None if comparison is None else _test(comparison),
        "arms": summaries.arm_rows(chosen, design, confidence, bounds),
        "pairs": pairs,
        "others": beside.other_rows(
            scores,
            chosen,
            primary_metric=primary_metric,
            design=design,
            confidence=confidence,
            bounds=bounds,
            sees=sees or {},
        ),
        "blocks": summaries.block_counts(chosen),
        "row_correlation": mean_correlation(chosen.table.dropna()),
        "metrics": summaries.metric_rows(scores),
        "values": summaries.cell_values(chosen.table),
        "manifest_sha256": summaries.hashes(scores, "manifest_sha256"),
        "splits_sha256": summaries.hashes(scores, "splits_sha256"),
    }
    places = _places(chosen, design)
    verdict["ranking"] = list(places)
    verdict["best"] = _best(verdict, places)
    spent = scores if ledger is None or ledger["budget"].isna().all() else ledger
    # Other protocols train on parts of other sizes.
    spent = spent[spent["block"].isin(select_rows(scores, primary_metric)["block"])]
    verdict["warnings"] = [*warnings, *cautions.find_cautions(verdict, chosen, spent)]
    verdict["sentence"] = wording.sentence(verdict)
    verdict["limits"] = wording.limits(verdict)
    return verdict


def _compare(
    chosen: Selection, design: str, alpha: float
) -> tuple[Comparison | None, dict[str, str] | None]:
    try:
        if design == "blocked":
            return compare_blocked(chosen.table, alpha, chosen.unit), None
        return compare_independent(chosen.table), None
    except UntestableError as reason:
        _, rule, seen, remedy = reason.args
        return None, {"reason": f"it needs {rule}, found {seen}", "remedy": remedy}


def _test(comparison: Comparison) -> Plain:
    name, value = comparison.agreement or (None, None)
    return {
        "name": comparison.name,
        "symbol": comparison.symbol,
        "statistic": comparison.statistic,
        "p": comparison.p,
        "pairs_name": comparison.pairs_name,
        "agreement_name": name,
        "agreement": value,
        "critical_difference": comparison.critical_difference,
        "smallest_p": comparison.smallest_p,
    }


def _outcome(comparison: Comparison | None, alpha: float, pairs: list[Plain]) -> str:
    if pairs and all(pair["conclusion"] == "equal" for pair in pairs):
        return "equal"
    if comparison is None:
        return "not_tested"
    return "differ" if comparison.p < alpha else "not_shown_to_differ"


def _places(chosen: Selection, design: str) -> dict[str, float]:
    """Standing of each arm that finished anything, best first."""
    if chosen.table.empty:
        return {}
    places = standing(chosen.table, design == "blocked", chosen.higher_is_better)
    finished = {arm: place for arm, place in places.items() if not math.isnan(place)}
    return dict(sorted(finished.items(), key=lambda item: item[1]))


def _best(verdict: Plain, places: dict[str, float]) -> Plain | None:
    """The arm in front, those level with it, those it beats and those it is not told apart from."""
    if not places:
        return None
    front, *rest = places
    found = {frozenset((pair["a"], pair["b"])): pair for pair in verdict["pairs"]}
    mine = {arm: found[frozenset((front, arm))] for arm in rest}
    level = [arm for arm in rest if places[arm] == places[front]]
    return {
        "arm": front,
        "level": level,
        "beats": [arm for arm in rest if mine[arm]["better"] == front],
        "equal_to": [arm for arm in rest if mine[arm]["conclusion"] == "equal"],
        "open": [a for a in rest if mine[a]["conclusion"] == "open" and a not in level],
    }
