"""What trivial models reach beside the networks, and what a reader should conclude."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import count_text, list_text, number_text
from fairtrial.evidence.data_figures import level_plot
from fairtrial.evidence.exhibits import exhibit

_KINDS = {"probe": "trivial model", "floor": "chance"}


def shortcuts_exhibit(verdict: dict[str, Any], audit: dict[str, Any]) -> Files:
    """Arms, trivial models and chance on one axis, and the test of every trivial model.

    Args:
        verdict: plain data, as `fairtrial.statistics.verdict.judge` returns it.
        audit: plain data, as `fairtrial.images.audit.findings.find_shortcuts` returns it.
    """
    rows = [
        (row["arm"], kind, row["mean"], row["low"], row["high"])
        for kind, row in [
            *(("arm", row) for row in verdict["arms"]),
            *((_KINDS[row["role"]], row) for row in verdict["others"] if row["role"] in _KINDS),
        ]
        if row["mean"] is not None
    ]
    metric = str(verdict["primary_metric"]).replace("_", " ")
    data = pd.DataFrame(rows, columns=["name", "kind", "mean", "low", "high"])
    caption = (
        f"{metric.capitalize()} of test pictures, mean over folds with its "
        f"{100 * (1 - verdict['alpha']):g} % interval. {_conclusion(audit)} {_rule(audit)}"
    )
    return exhibit(
        "Shortcuts", caption, level_plot(rows, metric), data, table=_table(audit["checks"])
    )


def _table(checks: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "probe": check["probe"],
                "predicts": "class" if check["target"] == "label" else check["target"],
                "balanced accuracy": number_text(check["value"], 3),
                "chance": number_text(check["chance"], 3),
                "p": f"{check['p']:.4f}",
                "reading": check["reading"],
            }
            for check in checks
        ],
        columns=["probe", "predicts", "balanced accuracy", "chance", "p", "reading"],
    )


def _conclusion(audit: dict[str, Any]) -> str:
    if not audit["warnings"]:
        return (
            "No view without its subject predicts the class: no shortcut was found, which does "
            "not prove that there is none."
        )
    count = count_text(len(audit["warnings"]), "shortcut")
    return (
        f"{count} {'is' if len(audit['warnings']) == 1 else 'are'} open (see the warnings above): "
        "a good score here is by itself no evidence that a network has learned the subject. "
        "Pictures from one source, or with marks and margins removed, would tell."
    )


def _rule(audit: dict[str, Any]) -> str:
    checks = audit["checks"]
    if not checks:
        return ""
    seen = list_text([f"{name}: {text}" for name, text in audit["sees"].items()])
    return (
        "Table: balanced accuracy of each trivial model's test predictions over all folds, against "
        "those for labels permuted between groups within a fold; a shortcut is open where "
        f"p < {checks[0]['level']:.2g} ({audit['level']:g} over {len(checks)} models) and at least "
        f"{audit['skill']:.0%} of the way from chance to certainty is covered. What each sees: "
        f"{seen}."
    )
