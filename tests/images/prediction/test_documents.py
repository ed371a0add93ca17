"""Model card and data sheet: every line asked, filled from what is stored, open ones said so."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import check_parameters
from fairtrial.images.parameters import Arm, Evaluate, Ingest
from fairtrial.images.parameters.questions import DATA_SHEET, MODEL_CARD
from fairtrial.images.prediction.documents import data_sheet, model_card
from fairtrial.images.prediction.trained import Origin, Trained, describe_trained
from fairtrial.images.trials.train import train_trials
from tests.images.studies import BLOCKS, tiny, trials

REPORT: dict[str, Any] = {
    "counts": {"listed": 50, "used": 48, "excluded": 2},
    "reasons": {"the file is empty": 2},
    "notes": ["Pictures used: 48."],
    "warnings": ["The source gives the label away."],
    "synthetic": False,
}
LEDGER = pd.DataFrame(
    {"arm": ["one"], "block": ["fold_0"], "budget": [3], "budget_unit": ["updates"],
     "device": ["cpu"]}
)  # fmt: skip


@pytest.fixture(scope="module")
def trained() -> Trained:
    """One trial on phantoms, marked as medical and real."""
    data = tiny()
    wanted = trials(Arm(network="residual", image_side_px=16), BLOCKS[:1])
    models, _ = train_trials(wanted, data.pack, None, data.manifest, data.splits, None)
    ingest, evaluate = Ingest(image_side_px=32, channels=1), Evaluate(research_use_only=True)
    origin = Origin(data.pack, data.manifest, data.splits, ingest, evaluate, synthetic=False)
    return describe_trained(models, BLOCKS[0], None, origin)


def scores() -> pd.DataFrame:
    rows = [
        ("fold_0", "all", 0.75, 16), ("fold_1", "all", 0.25, 16), ("fold_0", "source=b", 0.5, 8),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["block", "subset", "value", "n_items"])
    return table.assign(
        arm="one", split="test", protocol="standard", status="ok", metric="macro_f1"
    )


def card_text(trained: Trained, evaluate: Evaluate) -> str:
    files, _ = model_card(trained, scores(), LEDGER, REPORT, evaluate)
    return files["model_card.md"].decode()


def sheet_text(trained: Trained, evaluate: Evaluate) -> str:
    data = tiny()
    files, _ = data_sheet(trained, data.manifest, data.splits, REPORT, evaluate)
    return files["data_sheet.md"].decode()


def test_every_question_is_printed_answered_or_not(trained: Trained) -> None:
    """No line of the published templates is dropped because nothing is known."""
    for text, questions in (
        (card_text(trained, Evaluate()), MODEL_CARD),
        (sheet_text(trained, Evaluate()), DATA_SHEET),
    ):
        for question in questions:
            assert f"## {question.section}\n" in text
            assert f"**{question.text}?** " in text
        assert "**Under which licence" in text
        assert text.count("*not answered*") >= 5


def test_answers_come_from_what_is_stored(trained: Trained) -> None:
    """Scores of the trial and of its arm, items, groups, reasons, hashes, warnings."""
    card = card_text(trained, Evaluate())
    for line in (
        "On its own 16 test items: macro f1 0.7500.",
        "macro f1 0.5000 ± 0.35 (mean ± standard deviation, 2 blocks)",
        "source b (8 items): macro f1 0.5000.",
        "3 updates on cpu",
        "The source gives the label away.",
        "are too few for one",
        "Convolutional network residual",
        "All scores were computed in fp32; the exported program, its thresholds and its "
        "predictions of new pictures are computed in fp32.",
    ):
        assert line in card, line
    sheet = sheet_text(trained, Evaluate())
    for line in (
        "50 listed, 48 used",
        "the file is empty: 2.",
        "24 groups; none is parted by the division of fold 0.",
        "32 to 32 px wide",
        str(trained.card["manifest_sha256"]),
    ):
        assert line in sheet, line


def test_the_sheet_counts_groups_that_the_division_parts(trained: Trained) -> None:
    """A published division may leave relatives on both sides; the count is measured."""
    data = tiny()
    splits = data.splits.copy()
    group = splits["item_id"].map(data.manifest.set_index("item_id")["group"])
    of_one = splits.index[(splits["block"] == "fold_0") & (group == group.iloc[0])]
    splits.loc[of_one, "role"] = ["train", "test"]
    files, _ = data_sheet(trained, data.manifest, splits, REPORT, Evaluate())
    text = files["data_sheet.md"].decode()
    assert "24 groups; the division of fold 0 parts 1 of them." in text
    assert "Not wholly by group, in" in text


def test_the_card_says_in_which_precision_scores_and_program_are_computed(
    trained: Trained,
) -> None:
    """Scores may come from a faster format than that of the program that is handed on."""
    assert (trained.card["scores_precision"], trained.card["program_precision"]) == ("fp32",) * 2
    faster = dataclasses.replace(trained, card={**trained.card, "scores_precision": "bf16"})
    said = "All scores were computed in bf16; the exported program"
    assert said in card_text(faster, Evaluate())
    assert "computed in fp32, and may differ a little" in card_text(faster, Evaluate())


def test_medical_and_synthetic_studies_are_marked(trained: Trained) -> None:
    """The banner stands above all, and where decisions about people are asked about."""
    assert "**Research use only: not a medical device" in card_text(trained, Evaluate())
    assert "It must not be." in card_text(trained, Evaluate())
    drawn = dataclasses.replace(
        trained, card={**trained.card, "synthetic": True, "research_use_only": False}
    )
    assert "**Synthetic samples" in card_text(drawn, Evaluate())
    assert "Research use only" not in card_text(drawn, Evaluate())


def test_a_user_answers_what_nothing_stored_can(trained: Trained) -> None:
    """Their words stand in the document, and are no markup."""
    evaluate = Evaluate(
        card={"licence": "CC-BY *and* <b>more</b>"}, data_sheet={"funding": "Nobody."}
    )
    assert "CC-BY \\*and\\* \\<b\\>more\\</b\\>" in card_text(trained, evaluate)
    assert "**Who paid for it?** Nobody." in sheet_text(trained, evaluate)
    _, exhibit = model_card(trained, scores(), LEDGER, REPORT, evaluate)
    assert b"CC-BY" in exhibit["data.csv"]
    assert b"lines wait for an answer" in exhibit["figure.json"]


def test_an_answer_to_no_question_is_an_error() -> None:
    """A typing mistake would else lose the answer."""
    with pytest.raises(ConfigError, match=r"evaluate\.card: expected answers to name.*to aim"):
        check_parameters(Evaluate, {"card": {"aim": "x"}}, "xray.evaluate")
    with pytest.raises(ConfigError, match=r"evaluate\.data_sheet: .*not to licences"):
        check_parameters(Evaluate, {"data_sheet": {"licences": "x"}}, "xray.evaluate")
