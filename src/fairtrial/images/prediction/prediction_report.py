"""Predictions of new pictures as files: a table, and a page with heat maps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
import torch

from fairtrial.core.records import Arrays, Files, RawFolder
from fairtrial.core.text import count_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.picture_figures import Shown, picture_rows
from fairtrial.evidence.prediction_page import render_predictions
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Ingest
from fairtrial.images.prediction.predict_new import (
    ABSTAINED,
    ANSWERED,
    REFUSED,
    UNREADABLE,
    predict_pictures,
    read_pictures,
)
from fairtrial.images.prediction.trained import Trained
from fairtrial.images.scoring.heat import heat_maps
from fairtrial.images.trials.feed import Pictures
from fairtrial.training.device import one_thread

TABLE, PAGE = "predictions.csv", "predictions.html"

_STATUSES = (ANSWERED, ABSTAINED, REFUSED, UNREADABLE)
_COLS = 6
# Pictures of each status that the page shows.
_SHOWN = {ANSWERED: 4 * _COLS, ABSTAINED: 2 * _COLS, REFUSED: 2 * _COLS}
# Classes that the page names of each picture, the likeliest first.
_NAMED = 3


@dataclass(frozen=True)
class Report:
    """What came of it.

    Attributes:
        files: ``predictions.csv``, a row a picture, and ``predictions.html``.
        sentence: how many pictures were answered, abstained from, refused, unreadable.
    """

    files: Files
    sentence: str


def report_predictions(
    trained: Trained, raw: RawFolder, model: str, threshold: float | None = None
) -> Report:
    """Predict every file of a folder and write it up.

    Args:
        trained: the model.
        raw: the listed files.
        model: how the model was named, for the page.
        threshold: least probability to answer with; by default the card's.

    Raises:
        DataError, ConfigError: as `predict_pictures`.
    """
    table = predict_pictures(trained, raw, threshold)
    counts = table["status"].value_counts()
    parts = [f"{int(counts.get(status, 0))} {status}" for status in _STATUSES]
    sentence = f"{count_text(len(table), 'picture')}: {', '.join(parts)}."
    used = trained.card["abstention"]["threshold"] if threshold is None else threshold
    page = render_predictions(
        {
            "model": model,
            "sentence": sentence,
            "card": trained.card,
            "threshold": used,
            "chosen": threshold is not None,
            "notes": _notes(trained, used, threshold is not None),
            "rows": [_page_row(row, trained.labels) for _, row in table.iterrows()],
        },
        _exhibits(trained, raw, table),
    )
    csv = table.to_csv(index=False, lineterminator="\n", float_format="%.6g").encode()
    return Report({TABLE: csv, PAGE: page.encode()}, sentence)


def _page_row(row: pd.Series, labels: list[str]) -> dict[str, str]:
    """One row of the page's table: what a reader wants to see of a picture."""
    likeliest = sorted(labels, key=lambda label: -_or_zero(row[f"p_{label}"]))[:_NAMED]
    known = not math.isnan(row[f"p_{labels[0]}"])
    return {
        "picture": str(row["picture"]),
        "status": str(row["status"]),
        "prediction": str(row["prediction"]),
        "probabilities": "; ".join(_probability(row, label) for label in likeliest)
        if known
        else "",
        "reason": str(row["reason"]),
    }


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _probability(row: pd.Series, label: str) -> str:
    p, low, high = (row[f"{part}_{label}"] for part in ("p", "low", "high"))
    return f"{label} {p:.3f} ({low:.2f} to {high:.2f})"


def _notes(trained: Trained, threshold: float | None, chosen: bool) -> list[str]:
    """How to read the page, in plain sentences."""
    card = trained.card
    valid, abstention = card["validation"], card["abstention"]
    basis = f"{count_text(valid['items'], 'validation item')} in "
    basis += count_text(valid["groups"], "group")
    notes = [
        "A probability is the model's own. In brackets behind it stands the interval of the "
        f"calibrated probability (inductive Venn-Abers predictor, one class against the rest, on "
        f"{basis}): where the model's own lies outside, the model is too sure or not sure enough.",
    ]
    if chosen and threshold is not None:
        notes.append(f"Below the probability {number_text(threshold)}, set by hand, it abstains.")
    elif threshold is not None:
        notes.append(
            f"Below the probability {number_text(threshold)} it abstains: so at most "
            f"{abstention['alpha']:.0%} of pictures like the validation items are expected to be "
            f"answered wrongly (conformal risk control). Of these items "
            f"{abstention['valid_answered']} would be answered, {abstention['valid_wrong']} of "
            "them wrongly."
        )
    notes += [
        f"Refused is what is unlike the {card['training']['items']} training pictures: in shape, "
        "in size, in what it looks like or in what the network makes of it. About "
        f"{card['refusal']['share']:.1%} of pictures like the validation items are refused "
        "wrongly. A picture that is not refused may still show what no class is about.",
        "These numbers hold for pictures that come as the study's own did. The validation items "
        "also chose when training stopped and which trial was exported, and items of one group "
        "are alike: both make the numbers a little too good.",
    ]
    return notes


@one_thread()
def _exhibits(trained: Trained, raw: RawFolder, table: pd.DataFrame) -> list[Files]:
    """Pictures of each status, those with probabilities under their heat maps."""
    shown = []
    for status, most in _SHOWN.items():
        part = table[table["status"] == status]
        if part.empty:
            continue
        chosen = part.head(most)
        caption = f"{_CAPTIONS[status]} In the order of the table."
        if len(part) > most:
            caption += f" The first {most} of {len(part)}."
        rows = _rows(_show(trained, raw, chosen, heat=status != REFUSED))
        shown.append(exhibit(status.capitalize(), caption, picture_rows(rows, _COLS)))
    return shown


_CAPTIONS = {
    ANSWERED: "The answer and its probability. Heat is what speaks for it (Grad-CAM).",
    ABSTAINED: "The likeliest class and its probability, too low for an answer. Heat is what "
    "speaks for it (Grad-CAM).",
    REFUSED: "Unlike the training pictures: how far, in units of the limit, and nothing more.",
}


def _rows(pictures: list[Shown]) -> dict[str, list[Shown]]:
    """In lines of a few, each named after the number of its first."""
    starts = range(0, len(pictures), _COLS)
    return {f"from {start + 1}": pictures[start : start + _COLS] for start in starts}


def _show(trained: Trained, raw: RawFolder, rows: pd.DataFrame, heat: bool) -> list[Shown]:
    ingest = Ingest.model_validate(trained.card["ingest"])
    pictures = read_pictures(raw, rows["picture"].tolist(), ingest)
    maps: list[torch.Tensor | None] = [None] * len(pictures)
    if not heat:
        captions = [f"{value:.1f}" for value in rows["unlikeness"]]
    else:
        values = rows[[f"p_{label}" for label in trained.labels]].to_numpy()
        likeliest = values.argmax(1)
        captions = [
            f"{trained.labels[k]} {p:.2f}" for k, p in zip(likeliest, values.max(1), strict=True)
        ]
        network = NETWORKS.load(trained.card["network"])
        side = int(trained.card["image_side_px"])
        for index, picture in enumerate(pictures):
            feed = Pictures(Arrays({"pixels": picture.pixels[None]}), side, torch.device("cpu"))
            batch = feed.convert(picture.pixels[None])
            found = heat_maps(trained.classifier, network, batch, [int(likeliest[index])])
            maps[index] = torch.nn.functional.interpolate(
                found[None], size=picture.pixels.shape[:2], mode="bilinear"
            )[0, 0]
    return [
        Shown(picture.pixels, caption, heat=None if found is None else found.numpy())
        for picture, caption, found in zip(pictures, captions, maps, strict=True)
    ]
