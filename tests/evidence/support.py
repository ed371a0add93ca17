"""A plain verdict as stored, made by hand: evidence knows nothing of how verdicts are made."""

from __future__ import annotations

from typing import Any

import pandas as pd


def make_verdict(**change: Any) -> dict[str, Any]:
    """A blocked study of three arms over five folds, Friedman-Nemenyi."""
    values = {
        "first": {f"fold_{i}": 0.9 + 0.01 * i for i in range(5)},
        "second": {f"fold_{i}": 0.8 + 0.01 * i for i in range(5)},
        "third": {f"fold_{i}": 0.7 + 0.01 * i for i in range(5)},
    }
    arms = [
        {
            "arm": arm,
            "n": 5,
            "mean": sum(points.values()) / 5,
            "sd": 0.0158,
            "median": points["fold_2"],
            "low": points["fold_2"] - 0.02,
            "high": points["fold_2"] + 0.02,
            "mean_rank": float(rank),
            "trials": 5,
            "unfinished": 0,
        }
        for rank, (arm, points) in enumerate(values.items(), start=1)
    ]
    interval = {"estimate": 0.1, "low": 0.1, "high": 0.1, "confidence": 0.9375}
    pairs = [
        {
            "a": a,
            "b": b,
            "p": p,
            "difference": interval,
            "superiority": None,
            "counts": {"wins": 5, "ties": 0, "losses": 0},
            "conclusion": conclusion,
            "better": a if conclusion == "better" else None,
        }
        for a, b, p, conclusion in [
            ("first", "second", 0.254, "open"),
            ("first", "third", 0.0045, "better"),
            ("second", "third", 0.254, "open"),
        ]
    ]
    verdict = {
        "study": "fish",
        "design": "blocked",
        "primary_metric": "macro_f1",
        "protocol": "standard",
        "higher_is_better": True,
        "alpha": 0.05,
        "smallest_difference": None,
        "bounds": [0.0, 1.0],
        "synthetic": False,
        "research_use_only": False,
        "outcome": "differ",
        "refused": None,
        "test": {
            "name": "Friedman",
            "symbol": "x",
            "statistic": 10.0,
            "p": 0.0067,
            "pairs_name": "Nemenyi",
            "agreement_name": "Kendall's W",
            "agreement": 1.0,
            "critical_difference": 1.48,
            "smallest_p": None,
        },
        "arms": arms,
        "pairs": pairs,
        "others": [],
        "blocks": {
            "unit": "fold",
            "total": 5,
            "used": 5,
            "seeds": 1,
            "trials": 15,
            "unfinished": 0,
        },
        "row_correlation": 1.0,
        "metrics": [
            {
                "metric": "macro_f1",
                "split": "test",
                "subset": "all",
                "protocol": "standard",
                "arm": row["arm"],
                "role": "arm",
                "n": 5,
                "trials": 5,
                "mean": row["mean"],
                "sd": row["sd"],
            }
            for row in arms
        ],
        "values": values,
        "manifest_sha256": ["ab" * 32],
        "splits_sha256": ["cd" * 32],
        "ranking": list(values),
        "best": {"arm": "first", "level": [], "beats": ["third"], "equal_to": [], "open": []},
        "warnings": [],
        "sentence": "first has the best macro f1.",
        "limits": ["Folds share most of their training data."],
    }
    return {**verdict, **change}


def make_ledger(**change: Any) -> pd.DataFrame:
    """Fifteen finished trials of 100 updates and 2 s."""
    rows = [
        {
            "study": "fish",
            "arm": arm,
            "role": "arm",
            "block": f"fold_{i}",
            "status": "ok",
            "budget": 100,
            "budget_unit": "updates",
            "seconds": 2.0,
            "device": "cpu",
            "threads": 1,
            "note": "",
            **change,
        }
        for arm in ("first", "second", "third")
        for i in range(5)
    ]
    return pd.DataFrame(rows)


REPORT = {
    "counts": {"listed": 13, "used": 10, "excluded": 3},
    "reasons": {"broken JPEG": 1, "exact duplicate": 2},
    "synthetic": False,
    "notes": ["Groups never cross folds."],
}
LINEAGE = {
    "fish.scores": {"version": "2026-01-01T00.00.00.000Z", "sha256": "12" * 32, "fingerprint": ""},
    "fish.manifest": {"version": "2024-01-01T00.00.00.000Z", "sha256": "9" * 64, "fingerprint": ""},
    "fish.figure__ranks": {"version": "1", "sha256": "56" * 32, "fingerprint": ""},
    "fish.page": {"version": "2025-01-01T00.00.00.000Z", "sha256": "34" * 32, "fingerprint": ""},
}
