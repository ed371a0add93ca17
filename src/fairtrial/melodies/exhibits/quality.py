"""How generated bars compare with real ones: every score of every arm side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import DASH, count_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.melodies.collapse import COLLAPSE_RULE, distinct_share, tell_collapse
from fairtrial.melodies.descriptors import NAMES, describe
from fairtrial.melodies.piano_roll import Roll, as_generated
from fairtrial.melodies.scoring.judge import find_unseen
from fairtrial.melodies.scoring.remembered import COPIED, FLOOR, MEMORISATION, NEAREST
from fairtrial.melodies.scoring.rows import DISTINCT

_LIMIT = "_infinity"
_MEASURES = {
    COPIED: ("bars that equal one learnt from", "like real"),
    NEAREST: ("distance to the nearest training bar", "like real"),
    MEMORISATION: ("chance to lie nearer to it than unseen bars", "like real"),
    DISTINCT: ("bars that equal no earlier one of the run", "like real"),
}
_DESCRIPTORS = {
    "density": "columns that sound",
    "pitch_range": "range, of 47 semitones",
    "scale_consistency": "notes in one major scale",
    "onsets_on_beats": "onsets on beats",
    "polyphony": "columns with several notes",
}


class _Line(NamedTuple):
    """One line of the table: what is measured, what is good, and arm -> its values."""

    measure: str
    better: str
    values: Mapping[str, Sequence[float]]


def quality_exhibit(
    real: Roll,
    train: Roll,
    generated: Mapping[str, Sequence[Roll]],
    scores: pd.DataFrame,
    metric: str,
) -> Files:
    """A table of all scores: a line a measure, a column an arm, real bars beside them.

    Args:
        real: the held-out bars, uint8 (n, 48, 64); where none are, the training bars.
        train: the training bars, uint8 (m, 48, 64).
        generated: arm -> the bars of each run that did not diverge.
        scores: of the study, its floor among them where bars are held out.
        metric: the primary one, whose features come first.
    """
    bars = {FLOOR: [as_generated(real)], **generated}
    lines = [
        *_distance_lines(scores, metric),
        *_other_lines(scores, real),
        *_descriptor_lines(bars),
    ]
    names = {FLOOR: "real bars", **{arm: arm for arm in generated}}
    table = pd.DataFrame(
        [
            {
                "measure": line.measure,
                "best": line.better,
                **{label: _cell(line.values.get(arm, [])) for arm, label in names.items()},
            }
            for line in [*lines, *_count_lines(scores, generated)]
        ]
    )
    data = pd.DataFrame(
        [
            {"measure": line.measure, "arm": arm, "runs": len(v), "mean": np.mean(v), "sd": _sd(v)}
            for line in lines
            for arm, v in line.values.items()
            if len(v)
        ]
    )
    caption = " ".join(_caption(real, train, scores))
    return exhibit("How the bars compare", caption, data=data, table=table)


def _distance_lines(scores: pd.DataFrame, metric: str) -> Iterator[_Line]:
    """Every distance over every extractor's features, as it is, extrapolated, and by kernel."""
    distances = scores[scores["metric"].str.startswith(("frechet_", "kid_"))]
    names = [metric.partition("_")[2].removesuffix(_LIMIT) for metric in distances["metric"]]
    primary = metric.partition("_")[2].removesuffix(_LIMIT)
    for space in dict.fromkeys([primary, *names]):
        shown = {
            (f"frechet_{space}", "all"): f"Fréchet distance, {space}",
            (f"frechet_{space}{_LIMIT}", "all"): f"the same, of infinitely many bars, {space}",
            (f"kid_{space}", "all"): f"kernel distance (KID), {space}",
            (f"frechet_{space}", "unseen"): f"Fréchet distance to unseen bars, {space}",
        }
        for (name, subset), text in shown.items():
            rows = distances[(distances["metric"] == name) & (distances["subset"] == subset)]
            if len(rows):
                yield _Line(text, "low", _values(rows))


def _other_lines(scores: pd.DataFrame, real: Roll) -> Iterator[_Line]:
    for metric, (text, better) in _MEASURES.items():
        rows = scores[scores["metric"] == metric]
        if len(rows):
            # What real bars are compared with here is themselves.
            floor = {DISTINCT: [distinct_share(real)], MEMORISATION: [0.5]}.get(metric)
            known = {} if floor is None else {FLOOR: floor}
            yield _Line(text, better, {**known, **_values(rows)})


def _values(rows: pd.DataFrame) -> dict[str, list[float]]:
    done = rows[rows["status"] == "ok"]
    return {str(arm): part["value"].tolist() for arm, part in done.groupby("arm", sort=False)}


def _descriptor_lines(bars: Mapping[str, Sequence[Roll]]) -> Iterator[_Line]:
    means = {
        arm: np.array([describe(run).mean(axis=0) for run in runs]) for arm, runs in bars.items()
    }
    for name, text in _DESCRIPTORS.items():
        column = NAMES.index(name)
        yield _Line(
            text,
            "like real",
            {arm: rows[:, column].tolist() for arm, rows in means.items() if len(rows)},
        )


def _count_lines(scores: pd.DataFrame, generated: Mapping[str, Sequence[Roll]]) -> Iterator[_Line]:
    """Runs that failed, as single numbers."""
    rows = scores[(scores["metric"] == DISTINCT) & (scores["role"] == "arm")]
    diverged = rows[rows["status"] == "diverged"].groupby("arm").size()
    collapsed = {
        arm: [sum(tell_collapse(run) != "" for run in runs)] for arm, runs in generated.items()
    }
    yield _Line("runs that collapsed", "0", collapsed)
    yield _Line("runs that diverged", "0", {arm: [diverged.get(arm, 0)] for arm in generated})


def _sd(values: Sequence[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _cell(values: Sequence[float]) -> str:
    if not len(values):
        return DASH
    if len(values) == 1 and float(values[0]).is_integer():
        return f"{values[0]:.0f}"
    spread = _sd(values)
    mean = number_text(float(np.mean(values)), 3)
    return mean if spread is None else f"{mean} ± {number_text(spread, 2)}"


def _caption(real: Roll, train: Roll, scores: pd.DataFrame) -> Iterator[str]:
    items = scores.loc[scores["metric"].str.startswith("kid_"), "n_items"].dropna()
    yield "Mean ± standard deviation over runs."
    if "paper" in set(scores["protocol"]):
        yield (
            f"Distances are from the first N bars of the arm's own training set (N = "
            f"{_range(items)}), as the paper has it: arms are compared with different bars, and a "
            "smaller N alone makes a Fréchet distance larger. Real bars have none, because no "
            "others are left to compare them with."
        )
    else:
        seen = int((~find_unseen(real, train)).sum())
        yield (
            f"Distances are from held-out bars, {_range(items)} of each side; those of real bars "
            "are of training bars from held-out ones, which no arm can be expected to beat, and "
            "their nearness is that of held-out bars to training bars. "
            f"{seen} of {count_text(len(real), 'held-out bar')} ({seen / len(real):.0%}) also "
            "stand, note for note, in the training songs."
        )
        if "unseen" in set(scores["subset"]):
            yield (
                "The distance to unseen bars leaves them out, and its smaller N alone moves its "
                "level. The verdict takes all held-out bars."
            )
    yield (
        "The kernel distance is unbiased at any N: one subset of all bars, polynomial kernel of "
        f"degree 3. {COLLAPSE_RULE}"
    )


def _range(items: pd.Series) -> str:
    if items.empty:
        return DASH
    low, high = int(items.min()), int(items.max())
    return str(low) if low == high else f"{low} to {high}"
