"""The model card of an exported model and the sheet of its data, filled from what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.study import split_name
from fairtrial.core.text import count_text, list_text, number_text
from fairtrial.evidence.documents import document_exhibit, document_markdown
from fairtrial.images.items import ROLES
from fairtrial.images.parameters import Evaluate, Ingest
from fairtrial.images.parameters.questions import DATA_SHEET, MODEL_CARD, Question
from fairtrial.images.prediction.trained import Trained

MODEL_CARD_FILE, DATA_SHEET_FILE = "model_card.md", "data_sheet.md"

RESEARCH_ONLY = "Research use only: not a medical device, not for diagnosis."
SYNTHETIC = "Synthetic samples: drawn by a program; they are no evidence about real pictures."

# Number formats whose names do not say what they are.
_FORMATS = {"hybrid": "bf16, grouped convolutions in fp32"}


def model_card(
    trained: Trained,
    scores: pd.DataFrame,
    ledger: pd.DataFrame,
    report: Mapping[str, Any],
    evaluate: Evaluate,
) -> tuple[Files, Files]:
    """The model card as a file, and as an exhibit of the page.

    Args:
        trained: the model.
        scores: of its study.
        ledger: of its study.
        report: of the ingest.
        evaluate: with the user's own answers under ``card``.
    """
    card = trained.card
    found = {
        **_details(card, ledger, sum(w.numel() for w in trained.classifier.parameters())),
        **_results(card, scores),
        **_limits(card, report),
    }
    title = f"Model card: {card['study']}, {card['arm']}, {card['block']}"
    return _document(title, MODEL_CARD_FILE, MODEL_CARD, found, evaluate.card, card)


def data_sheet(
    trained: Trained,
    manifest: pd.DataFrame,
    splits: pd.DataFrame,
    report: Mapping[str, Any],
    evaluate: Evaluate,
) -> tuple[Files, Files]:
    """The data sheet as a file, and as an exhibit of the page.

    Args:
        trained: a model of the study, for how pictures were read.
        manifest: the items.
        splits: their roles.
        report: of the ingest.
        evaluate: with the user's own answers under ``data_sheet``.
    """
    card = trained.card
    found = _composition(card, manifest, splits, report)
    title = f"Data sheet: pictures of {card['study']}"
    return _document(title, DATA_SHEET_FILE, DATA_SHEET, found, evaluate.data_sheet, card)


def _document(
    title: str,
    file: str,
    questions: Sequence[Question],
    found: Mapping[str, str],
    given: Mapping[str, str],
    card: Mapping[str, Any],
) -> tuple[Files, Files]:
    """What is stored comes first, a user's own answer behind it."""
    answers = {
        q.key: " ".join(text for text in (found.get(q.key), given.get(q.key)) if text)
        for q in questions
    }
    lines = [(q.section, f"{q.text}?", answers[q.key]) for q in questions]
    banners = [RESEARCH_ONLY] if card["research_use_only"] else []
    banners += [SYNTHETIC] if card["synthetic"] else []
    return {file: document_markdown(title, banners, lines)}, document_exhibit(title, lines)


def _details(card: Mapping[str, Any], ledger: pd.DataFrame, weights: int) -> dict[str, str]:
    own = ledger[(ledger["arm"] == card["arm"]) & (ledger["block"] == card["block"])]
    budget = ""
    if len(own):
        row = own.iloc[0]
        budget = f" {int(row['budget']):,} {row['budget_unit']} on {row['device']}."
    start = card["weights"].get("file")
    return {
        "name": f"Arm {card['arm']} of the study {card['study']}, trained on "
        f"{_words(card['block'])}; chosen among all trials by their scores on validation items.",
        "version": f"Manifest {card['manifest_sha256'][:12]}, splits {card['splits_sha256'][:12]} "
        "(SHA-256 over their rows).",
        "kind": f"Convolutional network {card['network']} with {weights:,} weights. "
        f"Input: {card['input']}. Output: {card['output']}.",
        "training": f"Start: {f'weights {start}' if start else 'random weights'} "
        f"({card['init']}). Augmentation: {card['augment'].replace('_', ' ')}.{budget}",
    }


def _results(card: Mapping[str, Any], scores: pd.DataFrame) -> dict[str, str]:
    """What this very trial reached on its test items, and its arm over all blocks."""
    test = scores[
        (scores["arm"] == card["arm"])
        & (scores["split"] == "test")
        & (scores["protocol"] == "standard")
        & (scores["status"] == "ok")
    ]
    whole = test[test["subset"] == "all"]
    own = whole[whole["block"] == card["block"]]
    spread = whole.groupby("metric", sort=False)["value"].agg(["mean", "std", "count"])
    found = {
        "measures": f"{list_text([_words(name) for name in own['metric']])}.",
        "variation": "Over the blocks of the study: "
        + "; ".join(
            f"{_words(name)} {number_text(float(row['mean']))}"
            + ("" if row["count"] < 2 else f" ± {number_text(float(row['std']), 2)}")
            for name, row in spread.iterrows()
        )
        + f" (mean ± standard deviation, {count_text(int(spread['count'].max()), 'block')}).",
        "results": f"On its own {int(own['n_items'].max())} test items: {_values(own)}. "
        + _precision(card),
        "evaluation_data": f"{int(own['n_items'].max())} test items of {_words(card['block'])}, "
        "of groups that are in neither training nor validation, except where the data set's own "
        "division parts them (see the caveats).",
    }
    parts = test[(test["subset"] != "all") & (test["block"] == card["block"])]
    if len(parts):
        found["results_by_factor"] = " ".join(
            f"{_words(subset)} ({int(part['n_items'].max())} items): {_values(part)}."
            for subset, part in parts.groupby("subset", sort=False)
        )
        found["evaluation_factors"] = f"{list_text([_words(s) for s in parts['subset'].unique()])}."
    return found


def _precision(card: Mapping[str, Any]) -> str:
    """In which number formats the scores and the exported program were computed."""
    scored, exported = card["scores_precision"], card["program_precision"]
    said = (
        f"All scores were computed in {_FORMATS.get(scored, scored)}; the exported program, its "
        f"thresholds and its predictions of new pictures are computed in {exported}"
    )
    return said + ("." if scored == exported else ", and may differ a little.")


def _words(name: object) -> str:
    return str(name).replace("_", " ").replace("=", " ")


def _values(rows: pd.DataFrame) -> str:
    """``accuracy 0.9213, loss 0.2100`` of rows of scores."""
    pairs = zip(rows["metric"], rows["value"], strict=True)
    return ", ".join(f"{_words(metric)} {number_text(float(value))}" for metric, value in pairs)


def _limits(card: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, str]:
    abstention, valid = card["abstention"], card["validation"]
    basis = f"{count_text(valid['items'], 'validation item')} in {valid['groups']} groups"
    if abstention["threshold"] is None:
        threshold = f"None: {basis} are too few for one."
    else:
        threshold = (
            f"It abstains below {number_text(abstention['threshold'])}, so that at most "
            f"{abstention['alpha']:.0%} of such items are expected to be answered wrongly "
            f"(conformal risk control on {basis})."
        )
    found = {
        "thresholds": f"{threshold} It refuses pictures unlike its training pictures, and wrongly "
        f"about {card['refusal']['share']:.1%} of pictures like the validation items.",
        "training_data": f"{count_text(card['training']['items'], 'training item')} of the classes "
        f"{list_text(card['labels'])}; see the data sheet.",
        "preprocessing": _preprocessing(Ingest.model_validate(card["ingest"]), card),
        "caveats": " ".join(
            [
                *report["warnings"],
                "Its validation items chose when training stopped and that this trial was kept: "
                "thresholds and intervals that rest on them are a little too good.",
            ]
        ),
    }
    if card["research_use_only"]:
        found["out_of_scope_uses"] = RESEARCH_ONLY
        found["human_life"] = "It must not be. " + RESEARCH_ONLY
    return found


def _preprocessing(ingest: Ingest, card: Mapping[str, Any]) -> str:
    colour = "grey" if ingest.channels == 1 else "RGB"
    return (
        f"Turned upright, fitted to {ingest.image_side_px} px a side ({ingest.fit}), 8-bit "
        f"{colour}; seen by this network at {card['image_side_px']} px. Its normalisation is part "
        "of the exported program."
    )


def _composition(
    card: Mapping[str, Any],
    manifest: pd.DataFrame,
    splits: pd.DataFrame,
    report: Mapping[str, Any],
) -> dict[str, str]:
    used = manifest[manifest["excluded"] == ""]
    counts, reasons = report["counts"], report["reasons"]
    sizes = used.groupby("label").agg(n=("item_id", "size"), groups=("group", "nunique"))
    block = splits[splits["block"] == split_name(card["block"])]
    roles = block.groupby("role", sort=False).size()
    parted = _parted_groups(block, used)
    sources = used.loc[used["source"] != "", "source"].value_counts()
    found = {
        "instances": "Pictures, one file each.",
        "count": f"{counts['listed']} listed, {counts['used']} used: "
        + "; ".join(f"{label} {row.n} in {row.groups} groups" for label, row in sizes.iterrows())
        + ".",
        "content": f"{int(used['width'].min())} to {int(used['width'].max())} px wide and "
        f"{int(used['height'].min())} to {int(used['height'].max())} px high as they came. "
        + _preprocessing(Ingest.model_validate(card["ingest"]), card),
        "labels": f"{list_text(card['labels'])}.",
        "relations": f"{used['group'].nunique()} groups; "
        + (
            f"the division of {_words(card['block'])} parts {parted} of them."
            if parted
            else f"none is parted by the division of {_words(card['block'])}."
        ),
        "splits": ("Not wholly by" if parted else "By")
        + f" group, in {splits['block'].nunique()} blocks; {_words(card['block'])}: "
        + ", ".join(f"{n} {role}" for role, n in roles.items())
        + ".",
        "preprocessing": " ".join(report["notes"]),
        "excluded": "; ".join(f"{reason}: {n}" for reason, n in sorted(reasons.items())) + "."
        if reasons
        else "Nothing.",
        "raw": "As they came; each is known by its SHA-256 in the manifest.",
        "identity": f"SHA-256 over the manifest's rows: {card['manifest_sha256']}.",
    }
    if report["warnings"]:
        found["impact"] = found["errors"] = " ".join(report["warnings"])
    if len(sources):
        found["sources"] = "; ".join(f"{name}: {n}" for name, n in sources.items()) + "."
    if card["synthetic"]:
        found["acquisition"] = SYNTHETIC
        found["people"] = "No: the pictures are drawn by a program."
    return found


def _parted_groups(block: pd.DataFrame, used: pd.DataFrame) -> int:
    """How many groups stand in two or more parts of a block."""
    dealt = block[block["role"].isin(ROLES)]
    group = dealt["item_id"].map(used.set_index("item_id")["group"])
    return int((dealt.groupby(group)["role"].nunique() > 1).sum())
