"""The page of a study and the index."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from fairtrial.core.records import Files
from fairtrial.core.text import DASH, MINUS
from fairtrial.evidence.exhibits import Clip, exhibit
from fairtrial.evidence.index import render_index
from fairtrial.evidence.page import render_page
from fairtrial.evidence.sections import OPENING
from fairtrial.evidence.style import new_figure
from fairtrial.evidence.verdict_figures import ranks_exhibit, scores_exhibit
from tests.evidence.support import LINEAGE, REPORT, make_ledger, make_verdict

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>'


class Reader(HTMLParser):
    """Collects elements, their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(verdict: dict[str, Any], *more: Files, **change: Any) -> Reader:
    parts: dict[str, Any] = {"ledger": make_ledger(), "report": REPORT, "lineage": LINEAGE}
    parts |= change
    leading = [scores_exhibit(verdict), ranks_exhibit(verdict)]
    scores = pd.DataFrame(columns=["arm", "block", "budget", "budget_unit"])
    made = render_page(
        verdict, scores, parts["ledger"], parts["report"], parts["lineage"], [*leading, *more]
    )
    return Reader(made)


def test_the_verdict_in_words_heads_the_page() -> None:
    """The first paragraph is the sentence; tables hold every arm and pair."""
    seen = page(make_verdict())
    assert seen.text.index("first has the best macro f1.") < seen.text.index("Primary metric")
    assert f"first {MINUS} third" in seen.text
    assert "first is better" in seen.text
    assert seen.text.count("not shown to differ") == 2


def test_a_page_loads_nothing_from_elsewhere() -> None:
    """Every address on it is data or an anchor, and no element could fetch or run anything."""
    seen = page(make_verdict())
    for tag, attributes in seen.elements:
        assert tag not in ("script", "iframe", "object", "embed", "base", "form", "link")
        for name in ("src", "href"):
            if name in attributes:
                assert (attributes[name] or "").startswith("data:")
    policy = [a for tag, a in seen.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy[0]["content"].startswith("default-src 'none'")
    style = page(make_verdict()).text
    assert "url(" not in style
    assert "@import" not in style


def test_markup_in_names_is_shown_and_not_executed() -> None:
    """A study, note, arm, reason, exhibit or cell named like a script stays text."""
    verdict = make_verdict(study=EVIL, warnings=[EVIL], limits=[EVIL])
    verdict["arms"][0]["arm"] = EVIL
    report = {**REPORT, "reasons": {EVIL: 3}, "notes": [EVIL]}
    table = exhibit(EVIL, EVIL, data=pd.DataFrame({EVIL: [EVIL]}), table=True)
    seen = page(
        verdict,
        table,
        report=report,
        ledger=make_ledger(note=EVIL, device=EVIL),
        lineage={EVIL: {"version": EVIL, "sha256": EVIL, "fingerprint": EVIL}},
    )
    assert not [tag for tag, _ in seen.elements if tag == "script"]
    assert not [a for _, a in seen.elements if any(name.startswith("on") for name in a)]
    assert seen.text.count("alert(1)") >= 10


def test_clips_are_played_from_the_page_itself() -> None:
    """Each has a player that holds its sound; one without sound says why and has none."""
    heard = Clip(EVIL, EVIL, b"sound", new_figure()[0])
    silent = Clip("second", "no run finished")
    seen = page(make_verdict(), exhibit("Listen", "Two arms.", clips=[heard, silent]))
    players = [a for tag, a in seen.elements if tag == "audio"]
    assert [a["src"] for a in players] == ["data:audio/mpeg;base64,c291bmQ="]
    assert players[0]["aria-label"] == EVIL
    policy = [a for tag, a in seen.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert "media-src data:" in str(policy[0]["content"])
    assert "no run finished" in seen.text
    assert not [tag for tag, _ in seen.elements if tag == "script"]


@pytest.mark.parametrize(
    ("mark", "words"),
    [("synthetic", "Synthetic samples"), ("research_use_only", "Research use only")],
)
def test_banners_stand_exactly_where_they_belong(mark: str, words: str) -> None:
    """Synthetic and medical studies are marked, others are not."""
    assert words in page(make_verdict(**{mark: True})).text
    assert words not in page(make_verdict()).text


def test_exclusions_are_counted_and_reasons_listed() -> None:
    """Listed, used and excluded stand in a sentence, each reason with its count."""
    text = page(make_verdict()).text
    assert "13 items listed, 10 used, 3 excluded." in text
    assert "What was left out and why" in text
    assert "exact duplicate 2 broken JPEG 1" in text
    clean = {
        **REPORT,
        "counts": {"listed": 9, "used": 9, "excluded": 0},
        "reasons": {},
    }
    assert "left out" not in page(make_verdict(), report=clean).text


def test_provenance_lists_versions_but_not_the_page_itself() -> None:
    """Versions of the study's datasets; pages and figures before this one are none of it."""
    text = page(make_verdict()).text
    assert "fish.scores 2026-01-01T00.00.00.000Z" in text
    assert "2 stored datasets of this study" in text
    assert "fish.manifest" in text
    assert "fish.page" not in text
    assert "fish.figure__ranks" not in text


def test_what_stands_beside_the_arms_is_listed_and_not_ranked() -> None:
    """A probe has a table of its own with its role, and each arm its lead with the interval."""
    found = {"estimate": 0.25, "low": 0.125, "high": 0.5, "confidence": 0.9375}
    leads = [{"arm": arm, "difference": found} for arm in ("first", "second")]
    leads.append({"arm": "third", "difference": None})
    other = {**make_verdict()["arms"][2], "arm": "borders", "role": "probe", "leads": leads}
    solver = {**other, "arm": "lp", "role": "reference", "leads": []}
    text = page(make_verdict(others=[other, solver])).text
    assert "Beside the arms" in text
    assert "borders probe" in text
    assert "borders 0.2500 (0.1250 to 0.5000) 0.2500 (0.1250 to 0.5000) \N{EN DASH}" in text
    assert "which covers 93.8 %" in text
    assert text.count("lp ") == 1
    assert "Beside the arms" not in page(make_verdict()).text


def test_a_study_without_a_test_has_a_page_too() -> None:
    """No test, no ranks, no best arm, no costs: the page says so instead of failing."""
    verdict = make_verdict(test=None, best=None, outcome="not_tested", splits_sha256=[])
    for row in verdict["arms"]:
        row.update(mean_rank=None, mean=None, sd=None, median=None, low=None, high=None, n=0)
    for pair in verdict["pairs"]:
        pair.update(p=None, difference=None, counts=None, conclusion="open", better=None)
    ledger = make_ledger(budget=None, seconds=None, note="measured elsewhere")
    seen = page(verdict, ledger=ledger)
    assert seen.text.count("not tested") == 3
    assert "whether the arms were given the same is not known" in seen.text
    assert "Measured elsewhere." in seen.text


def test_the_primary_metric_heads_everything_that_was_measured() -> None:
    """Its row comes first, the others follow by name, whichever trial reported them first."""
    verdict = make_verdict()
    first = verdict["metrics"][0]
    others = [{**first, "metric": name} for name in ("recall", "accuracy")]
    text = page({**verdict, "metrics": [*others, *verdict["metrics"]]}).text
    text = text[text.index("Everything that was measured") :]
    assert text.index("macro f1") < text.index("accuracy") < text.index("recall")


def test_other_splits_and_subsets_stand_apart() -> None:
    """The first table is of all test items; what else was measured can be opened."""
    verdict = make_verdict()
    first = verdict["metrics"][0]
    others = [{**first, "split": "valid"}, {**first, "subset": "class=cat", "metric": "recall"}]
    text = page({**verdict, "metrics": [*verdict["metrics"], *others]}).text
    assert "2 more: other splits, subsets and protocols" in text
    after = text[text.index("2 more") :]
    assert "macro f1, valid split" in after
    assert "recall, class=cat" in after
    assert "more: other splits" not in page(verdict).text


def test_a_table_made_for_reading_is_shown_beside_its_numbers() -> None:
    """The page shows the table; the link holds the data."""
    data, made = pd.DataFrame({"x": [0.123456]}), pd.DataFrame({"x": ["0.12 (0.1 to 0.2)"]})
    seen = page(make_verdict(), exhibit("A", "B.", data=data, table=made))
    assert "0.12 (0.1 to 0.2)" in seen.text


def test_a_mean_of_some_trials_says_of_how_many() -> None:
    """16 of 25 runs that got so far are no mean of 25; nothing is said where all count."""
    verdict = make_verdict()
    assert "in brackets" not in page(verdict).text
    verdict["metrics"][0] |= {"n": 16, "trials": 25, "mean": 112762.0, "sd": 25213.0}
    text = page(verdict).text
    assert "112,762 ± 25,213 (16 of 25)" in text
    assert "in brackets the number of trials" in text


def test_intervals_cut_off_at_the_ends_of_the_range_say_so() -> None:
    """The caption names the ends that are known, and is silent without."""
    assert "cut off at 0 and 1, which macro f1 cannot pass" in page(make_verdict()).text
    assert "cut off at 0, which" in page(make_verdict(bounds=[0.0, None])).text
    assert "cut off" not in page(make_verdict(bounds=[None, None])).text


def test_a_p_value_stands_on_its_side_of_alpha() -> None:
    """A pair told apart at 0.05 shows no p of 0.05."""
    verdict = make_verdict()
    verdict["pairs"][1]["p"] = 0.0496
    assert "0.0496 first is better" in page(verdict).text


def test_a_wide_table_is_set_smaller() -> None:
    """Eight columns are marked as wide, three are not."""
    for count, marked in ((8, True), (3, False)):
        data = pd.DataFrame({f"c{i}": ["x"] for i in range(count)})
        seen = page(make_verdict(), exhibit("Recipes", "c", data=data, table=True))
        assert any(a.get("class") == "wide" for tag, a in seen.elements if tag == "table") == marked


def test_a_table_exhibit_shows_its_cells() -> None:
    """Numbers are rounded for the eye, missing ones are a dash, words stay words."""
    data = pd.DataFrame({"solver": ["lp", "nan"], "cost_rs": [3.15079371, None]})
    text = page(make_verdict(), exhibit("Answers", "c", data=data, table=True)).text
    assert "cost rs" in text
    assert f"lp 3.151 nan {DASH}" in text


def test_a_table_of_figures_data_is_not_repeated() -> None:
    """Without table=True the data is a download, not rows."""
    seen = page(make_verdict())
    names = [a["download"] for tag, a in seen.elements if tag == "a" and "download" in a]
    assert names == ["values_of_macro_f1.csv", "ranks_and_critical_difference.csv"]


def test_exhibits_stand_in_their_sections_and_the_answer_first() -> None:
    """The answer is above the comparison; other headings follow in the order of their exhibits."""
    data = pd.DataFrame({"a": ["x"]})
    shown = [
        exhibit(title, "c", data=data, table=True, section=section)
        for title, section in (("One", "Papers"), ("Two", OPENING), ("Three", "Papers"))
    ]
    seen = page(make_verdict(), *shown)
    heads = [word for word in seen.words if word in ("One", "Two", "Three", "Papers", "Arms")]
    assert heads == ["Two", "Arms", "Papers", "One", "Three"]


def test_the_index_links_every_verdict() -> None:
    """A study with a page is linked, so is its song; one without is named; marks show."""
    entries = [
        {
            "verdict": make_verdict(),
            "link": "fish/page.html",
            "song": "fish/song_page.html",
            "version": "1",
        },
        {
            "verdict": make_verdict(study=EVIL, synthetic=True, warnings=["a", "b"]),
            "link": None,
            "song": None,
            "version": "2",
        },
    ]
    made = render_index(entries)
    seen = Reader(made)
    assert [a["href"] for tag, a in seen.elements if tag == "a"] == [
        "fish/page.html",
        "fish/song_page.html",
    ]
    assert "2 verdicts" in seen.text
    assert "synthetic samples" in seen.text
    assert "2 cautions" in seen.text
    assert "page not yet written" in seen.text
    assert not re.search("<script", made)


def test_an_index_without_verdicts_says_so() -> None:
    """A first run that failed leaves an index that explains itself."""
    assert "No verdict yet" in Reader(render_index([])).text


def test_all_arms_in_front_are_marked() -> None:
    """One arm, or all that share the best rank."""
    alone = make_verdict()
    both = {**alone, "best": {**alone["best"], "level": ["second"], "beats": []}}
    for verdict, marked, words in (
        (alone, 1, "The arm in front is marked."),
        (both, 2, "The arms in front are marked."),
    ):
        seen = page(verdict)
        assert len([a for tag, a in seen.elements if tag == "tr" and a.get("class") == "best"]) == (
            marked
        )
        assert words in seen.text
