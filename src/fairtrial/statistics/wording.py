"""The verdict in words: one headline, and what it does not say."""

from __future__ import annotations

from typing import Any

from fairtrial.core.text import count_text, list_text, number_text, p_text

# What runs of a search on one problem are judged by.
_OF_SEARCHES = ("relative_gap", "best_objective")


def sentence(verdict: dict[str, Any]) -> str:
    """The headline of a verdict, complete on its own: outcome, numbers, failures, reservations."""
    parts = [
        {
            "differ": _differ,
            "equal": _equal,
            "not_shown_to_differ": _not_shown,
            "not_tested": _not_tested,
        }[verdict["outcome"]](verdict)
    ]
    blocks = verdict["blocks"]
    if blocks["unfinished"]:
        counted = (
            f"{blocks['unfinished']} of {count_text(blocks['trials'], 'trial')} did not finish"
        )
        if verdict["design"] == "blocked":
            counted += f"; {blocks['used']} of {count_text(blocks['total'], blocks['unit'])} used"
        parts.append(f"{counted}.")
    if verdict["design"] == "independent":
        parts.append("Rows are independent runs, not blocks.")
    text = " ".join(parts)
    if not verdict["synthetic"]:
        return text
    lowered = text.replace("No ", "no ", 1) if text.startswith("No ") else text
    return f"On synthetic samples: {lowered}"


def limits(verdict: dict[str, Any]) -> list[str]:
    """What the verdict does not say, one sentence each."""
    unit = verdict["blocks"]["unit"]
    out = []
    if verdict["refused"]:
        out.append(f"Without a test it only describes. {verdict['refused']['remedy']}")
    if verdict["synthetic"]:
        out.append("The samples are synthetic: nothing here is evidence about real data.")
    if verdict["smallest_difference"] is None:
        out.append(
            "No smallest difference that matters was declared: a difference that is not shown is "
            "not a proof of equality."
        )
    if unit == "fold":
        out.append(
            "Folds share most of their training data: they show the spread over test sets, and "
            "less of it than new data would."
        )
        seeds = verdict["blocks"]["seeds"]
        out.append(
            "One seed a fold: the spread over initial weights was not measured."
            if seeds == 1
            else f"{seeds} seeds a fold were averaged before the test."
        )
    if unit == "run" and len(verdict["splits_sha256"]) == 1:
        out.append(
            "All runs share one split of the data and differ by their seed alone: the test speaks "
            "of other seeds, not of other data."
        )
    if verdict["design"] == "independent" and verdict["primary_metric"] in _OF_SEARCHES:
        out.append(
            "All runs are of one problem and differ by their seed alone: more of them make a "
            "difference surer, not larger, and say nothing of other problems."
        )
    out.append("Intervals stand for one comparison each and are not adjusted for their number.")
    return out


def _metric(verdict: dict[str, Any]) -> str:
    return str(verdict["primary_metric"]).replace("_", " ")


def _over(verdict: dict[str, Any]) -> str:
    blocks = verdict["blocks"]
    if verdict["design"] == "blocked":
        return f"over {count_text(blocks['used'], blocks['unit'])}"
    counts = sorted({row["n"] for row in verdict["arms"]})
    spread = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"over {spread} runs an arm"


def _test(verdict: dict[str, Any]) -> str:
    test = verdict["test"]
    p = p_text(test["p"], verdict["alpha"])
    return f"{test['name']} {test['symbol']} = {test['statistic']:.4g}, {p}"


def _leaders(verdict: dict[str, Any]) -> list[str]:
    return [verdict["best"]["arm"], *verdict["best"]["level"]]


def _front(verdict: dict[str, Any]) -> str:
    """Medians of the arms in front, in the order of their names, and the rank that they share."""
    rows = {row["arm"]: row for row in verdict["arms"]}
    medians = [number_text(rows[arm]["median"]) for arm in _leaders(verdict)]
    told = f"median {medians[0]}" if len(set(medians)) == 1 else f"medians {list_text(medians)}"
    rank = rows[verdict["best"]["arm"]]["mean_rank"]
    if rank is not None:
        told += f", mean rank {rank:.2f} of {len(verdict['arms'])}"
    return told


def _differ(verdict: dict[str, Any]) -> str:
    best, direction = verdict["best"], "higher" if verdict["higher_is_better"] else "lower"
    head = (
        f"{list_text(_leaders(verdict))} {'have' if best['level'] else 'has'} the best "
        f"{_metric(verdict)} ({_front(verdict)}; {direction} is better) {_over(verdict)}"
    )
    found = {frozenset((pair["a"], pair["b"])): pair for pair in verdict["pairs"]}
    if best["beats"]:
        worst = max(found[frozenset((best["arm"], arm))]["p"] for arm in best["beats"])
        told = p_text(worst, verdict["alpha"])
        several = len(best["beats"]) > 1
        more = f", {'each ' if several else ''}{verdict['test']['pairs_name']} "
        more += told.replace("=", "≤") if several else told
        more = more if len(verdict["arms"]) > 2 else ""
        verb = "differ" if best["level"] else "differs"
        told = f" and {verb} from {list_text(best['beats'])} ({_test(verdict)}{more})."
    elif any(pair["better"] for pair in verdict["pairs"]):
        told = f"; arms differ ({_test(verdict)}), though none is shown to differ from it."
    else:
        told = f"; arms differ ({_test(verdict)}), though no single pair is told apart."
    if best["beats"] and best["open"]:
        they = "They are" if best["level"] else "It is"
        told += f" {they} not shown to differ from {list_text(best['open'])}."
    if best["equal_to"]:
        told += f" {_equal_to(verdict, best['equal_to'])}"
    return head + told


def _equal_to(verdict: dict[str, Any], arms: list[str]) -> str:
    limit = number_text(verdict["smallest_difference"])
    return f"It equals {list_text(arms)} within ±{limit}, the smallest difference that matters."


def _equal(verdict: dict[str, Any]) -> str:
    arms = [row["arm"] for row in verdict["arms"]]
    return (
        f"{list_text(arms)} are equal in {_metric(verdict)} within "
        f"±{number_text(verdict['smallest_difference'])}, the smallest difference that matters, "
        f"{_over(verdict)} (all {100 * (1 - verdict['alpha']):g} % intervals lie inside)."
    )


def _not_shown(verdict: dict[str, Any]) -> str:
    arms = len(verdict["arms"])
    between = "the two arms" if arms == 2 else f"the {arms} arms"
    text = (
        f"No difference in {_metric(verdict)} between {between} is shown {_over(verdict)} "
        f"({_test(verdict)}); that does not make them equal. "
        f"{_in_front(verdict, 'In front')}"
    )
    smallest = verdict["test"]["smallest_p"]
    if smallest and smallest >= verdict["alpha"]:
        text += (
            f" So few {verdict['blocks']['unit']}s could not have shown one: the smallest "
            f"possible p is {smallest:.3g}."
        )
    return text


def _not_tested(verdict: dict[str, Any]) -> str:
    text = f"No test was run: {verdict['refused']['reason']}."
    if verdict["best"]:
        text += f" {_in_front(verdict, 'In front, as a description only')}"
    return text


def _in_front(verdict: dict[str, Any], head: str) -> str:
    leaders = _leaders(verdict)
    if len(leaders) == len(verdict["arms"]):
        return f"All arms are level ({_front(verdict)})."
    return f"{head}: {list_text(leaders)} ({_front(verdict)})."
