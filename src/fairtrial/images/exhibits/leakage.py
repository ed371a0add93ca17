"""The same study under a division that leaks, and with each source left out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fairtrial.core.records import Arrays, Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import interval_plot
from fairtrial.images.splitting.leakage import Price, accuracy_by_source, price_of
from fairtrial.images.splitting.protocols import reasons_of

_COLUMNS = ("arm", "role", "test pictures", "by group", "at random", "difference", "low", "high")


def leakage_exhibit(
    outputs: Sequence[Arrays], manifest: pd.DataFrame, resamples: int, confidence: float, seed: int
) -> Files:
    """What splitting at random would have added to accuracy, with its interval.

    Args:
        outputs: of the arms and the probe, under the study's division and at random.
        manifest: groups of the items.
        resamples: resamplings of the groups.
        confidence: coverage of the intervals.
        seed: the root seed.
    """
    prices = price_of(outputs, "naive", manifest, resamples, confidence, seed)
    title = "Price of leakage"
    about = (
        "The same arms on a second division into parts of the same sizes, dealt at random without "
        "regard to groups, so that copies and relatives of test pictures are trained on. "
    )
    if not prices:
        none = pd.DataFrame([{"arm": "none", "result": "no trial finished under both divisions"}])
        return exhibit(title, about, data=none, table=True)
    rows = [
        (
            price.arm,
            price.role,
            price.n_items,
            _share(price.safe),
            _share(price.other),
            *(_share(value) for value in _ends(price)),
        )
        for price in prices
    ]
    figure = interval_plot(
        [
            (price.arm, 100 * low, 100 * value, 100 * high)
            for price in prices
            for value, low, high in [_ends(price)]
        ],
        "accuracy at random less accuracy by group (percentage points)",
    )
    caption = (
        about
        + " ".join(_sentence(price) for price in prices)
        + (
            " Intervals resample groups of test pictures alone and hold the trained models and the "
            "one random division fixed: the spread of other trainings and divisions is left out."
        )
    )
    return exhibit(title, caption, figure, pd.DataFrame(rows, columns=list(_COLUMNS)), table=True)


def by_source_exhibit(
    outputs: Sequence[Arrays], manifest: pd.DataFrame, resamples: int, confidence: float, seed: int
) -> Files:
    """How the arms do on pictures of a source of which they have seen none.

    Arguments as of `leakage_exhibit`; outputs are those of the arms under the study's division
    and with each source left out.
    """
    used = manifest[manifest["excluded"] == ""]
    blocks = {block for output in outputs for block in output.description["blocks"]}
    rows = [
        {
            "source": row.source,
            "arm": row.arm,
            "test pictures": row.n_items,
            "source trained on": f"{row.safe:.3f}",
            "source left out": f"{row.left_out:.3f}",
            "note": "",
        }
        for row in accuracy_by_source(outputs, manifest).itertuples()
    ]
    rows += [
        {
            "source": source,
            "arm": "all",
            "test pictures": int((used["source"] == source).sum()),
            "source trained on": "",
            "source left out": "",
            "note": f"cannot be left out: {reason}",
        }
        for source, reason in reasons_of(used, blocks).items()
        if reason
    ]
    if not rows:
        rows = [{"source": "none", "note": "no picture tells where it comes from"}]
    prices = price_of(outputs, "by_source", manifest, resamples, confidence, seed)
    caption = (
        "Accuracy on the pictures of each source, by models that were trained on other pictures "
        "of that source, and by models that saw none. A fall says that the source was learned. "
    ) + " ".join(
        f"{price.arm}: {_points(price.difference.estimate)} points on {price.n_items} pictures "
        f"({price.difference.confidence:.0%} interval {_points(price.difference.low)} to "
        f"{_points(price.difference.high)})."
        for price in prices
    )
    if prices:
        caption += (
            " Intervals resample groups of test pictures alone and hold the trained models fixed: "
            "they speak of these sources only, not of a new one."
        )
    return exhibit("Sources left out", caption, data=pd.DataFrame(rows), table=True)


def _sentence(price: Price) -> str:
    value, low, high = _ends(price)
    told = "is not shown to change accuracy; the difference is"
    if low > 0:
        told = "would have overstated accuracy by"
    elif high < 0:
        told = "would have understated accuracy by"
        value, low, high = -value, -high, -low
    return (
        f"{price.arm} on {price.n_items} test pictures: splitting at random {told} "
        f"{_points(value)} points ({price.difference.confidence:.0%} interval {_points(low)} to "
        f"{_points(high)})."
    )


def _ends(price: Price) -> tuple[float, float, float]:
    return price.difference.estimate, price.difference.low, price.difference.high


def _share(value: float) -> float:
    return round(value, 4)


def _points(value: float) -> str:
    return f"{100 * value:.1f}".replace("-", "\N{MINUS SIGN}")
