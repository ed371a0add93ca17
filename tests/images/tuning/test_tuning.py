"""Tuners: what they see, what counts, how a stopped search goes on, what is shown of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import StorageError, TrialError
from fairtrial.core.records import Arrays, Models
from fairtrial.core.study import Blocks
from fairtrial.images.items import items_of, rows_by_role
from fairtrial.images.parameters import Augment, Train
from fairtrial.images.parameters.tune import Tune
from fairtrial.images.trials.predict import predict_trials
from fairtrial.images.tuning import search as module
from fairtrial.images.tuning.exhibits import chosen_exhibit, landscape_exhibit, progress_exhibit
from fairtrial.images.tuning.scores import with_search_costs, with_trials
from fairtrial.images.tuning.search import Data, Search, train_untuned, tune_block
from fairtrial.images.tuning.space import Space
from fairtrial.images.tuning.trials import Trial, TrialBook
from fairtrial.optimizers.recipe import Recipe
from tests.images.studies import tiny

TUNE = Tune.model_validate(
    {
        "recipe": {"network": "residual", "init": "frozen"},
        "trials": 4,
        "search": {
            "train.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
            "arm.head_layers": {"choices": [[], [8]]},
        },
    }
)
TRAIN = Train(epochs=1, batch_size=16, device="cpu")
LUCK = Recipe(optimizer="random_search")


def search(tune: Tune = TUNE) -> Search:
    return Search("tiny", 5, Space(tune, TRAIN, Augment()), None)


@cache
def features() -> Arrays:
    """A stand-in for the bank of a frozen base: 16 x 16 means of each picture."""
    pixels = np.array(tiny().pack["pixels"], dtype=np.float32)[..., 0] / 255
    means = pixels.reshape(len(pixels), 16, 2, 16, 2).mean((2, 4))
    return Arrays({"features": means.reshape(-1, 1, 256)}, tiny().pack.description)


def data(bank: Arrays | None = None) -> Data:
    return Data(bank or features(), None, tiny().manifest, tiny().splits)


def tune(
    recipe: Recipe = LUCK,
    checkpoints: Path | None = None,
    with_data: Data | None = None,
    tuner: str = "one",
    wanted: Tune = TUNE,
) -> tuple[Models, pd.DataFrame, pd.DataFrame]:
    return tune_block(search(wanted), tuner, recipe, "fold_0", with_data or data(), checkpoints)


def same_states(one: Models, other: Models) -> bool:
    states, others = one.states["fold_0"], other.states["fold_0"]
    return states.keys() == others.keys() and all(
        np.array_equal(states[name], others[name]) for name in states
    )


class Counted:
    """Stands before `train_trials`; may fail after so many trainings."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int = 99) -> None:
        self.made, self._train = 0, module.train_trials
        self.most = most
        monkeypatch.setattr(module, "train_trials", self)

    def __call__(self, *arguments: Any) -> tuple[Models, pd.DataFrame]:
        if self.made == self.most:
            raise KeyboardInterrupt
        self.made += 1
        return self._train(*arguments)


def test_test_pictures_are_not_looked_at() -> None:
    """Other test pictures change neither a trial nor the chosen model; validation ones do."""
    held, bank = tiny(), features()
    roles = rows_by_role(items_of(bank, held.manifest), held.splits, "fold_0")
    usual = tune()
    for role, alike in (("test", True), ("valid", False)):
        changed = bank["features"].copy()
        changed[roles[role]] *= -1
        other = tune(with_data=data(Arrays({"features": changed}, bank.description)))
        values = [table[2]["value"].tolist() for table in (usual, other)]
        assert (values[0] == values[1]) is alike
        if alike:
            assert same_states(usual[0], other[0])


def test_the_chosen_recipe_is_the_best_trial_trained_again() -> None:
    """It comes to the same loss, from the same streams, and its values are told."""
    models, history, trials = tune()
    assert trials["trial"].tolist() == [1, 2, 3, 4]
    assert trials["best"].tolist() == np.minimum.accumulate(trials["value"]).tolist()
    assert history["valid_loss"].min() == trials["best"].iloc[-1]
    best = trials.loc[trials["value"].idxmin()]
    chosen = models.description["blocks"]["fold_0"]["chosen"]
    assert chosen["train.learning_rate"] == best["train.learning_rate"]
    assert json.dumps(chosen["arm.head_layers"]) == best["arm.head_layers"]
    outputs = predict_trials(features(), models, tiny().manifest, tiny().splits, "cpu")
    assert set(outputs["split"]) == {"valid", "test"}


def test_a_tuner_depends_on_its_name_and_seed_alone() -> None:
    """The same tuner tries the same again; another one of the same settings has its own luck."""
    first, again, other = (tune(tuner=name)[2] for name in ("one", "one", "two"))
    columns = ["train.learning_rate", "value"]
    assert first[columns].equals(again[columns])
    assert not first["train.learning_rate"].equals(other["train.learning_rate"])


@pytest.mark.parametrize("stop_after", [2, 4])
def test_a_stopped_search_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    """Finished trials are read, not trained, and the end is the same bits."""
    recipe = Recipe(optimizer="differential_evolution", population=4)
    wanted = TUNE.model_copy(update={"trials": 6})
    whole, _, trials = tune(recipe, wanted=wanted)
    counted = Counted(monkeypatch, most=stop_after)
    with pytest.raises(KeyboardInterrupt):
        tune(recipe, tmp_path, wanted=wanted)
    assert len(json.loads((tmp_path / "fold_0.trials.json").read_bytes())) >= stop_after
    counted.most = 99
    resumed, _, again = tune(recipe, tmp_path, wanted=wanted)
    distinct = len(trials[["train.learning_rate", "arm.head_layers"]].drop_duplicates())
    assert counted.made == distinct + 1  # each trial once in all, and the chosen recipe
    assert same_states(whole, resumed)
    assert trials.drop(columns="seconds").equals(again.drop(columns="seconds"))


@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [
        ("gsa", {"population": 3}),
        ("differential_evolution", {"population": 4}),
        ("cma_es", {"population": 4}),
        ("tpe", {"startup": 2}),
        ("random_search", {}),
    ],
)
def test_every_tuner_spends_the_same_trials(
    optimizer: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Diverged trials count like any other and are never the best."""

    def train(trials: Any, *_: Any) -> tuple[Models, pd.DataFrame]:
        rate = trials.train.learning_rate
        bad = rate > 1e-3
        outcome = {"status": "diverged" if bad else "ok", "updates": 1, "note": "too fast" * bad}
        history = pd.DataFrame({"valid_loss": [np.nan, rate], "valid_accuracy": [np.nan, 0.5]})
        return Models({}, {"blocks": {"fold_0": outcome}}), history

    monkeypatch.setattr(module, "train_trials", train)
    wanted = TUNE.model_copy(update={"trials": 11})
    _, history, trials = tune(Recipe(optimizer=optimizer, **settings), wanted=wanted)
    assert len(trials) == 11
    assert (trials["value"].isna() == (trials["status"] == "diverged")).all()
    assert (trials["status"] == "diverged").any()
    assert history["valid_loss"].min() == trials["value"].min()


def test_a_search_without_any_value_is_a_failed_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no model, the score is missing with its reason, and the study goes on."""

    def diverge(*_: Any) -> tuple[Models, pd.DataFrame]:
        outcome = {"status": "diverged", "updates": 1, "note": "loss = nan"}
        return Models({}, {"blocks": {"fold_0": outcome}}), pd.DataFrame()

    monkeypatch.setattr(module, "train_trials", diverge)
    models, history, trials = tune()
    assert not models.states
    assert history.empty
    outputs = predict_trials(features(), models, tiny().manifest, tiny().splits, "cpu")
    outcome = outputs.description["blocks"]["fold_0"]
    assert outcome["status"] == "failed"
    assert outcome["note"] == "none of 4 trials came to a finite value"
    assert trials["best"].isna().all()
    for draw in (progress_exhibit, chosen_exhibit, landscape_exhibit):
        assert draw([trials], TUNE)


def test_the_untuned_recipe_is_a_reference() -> None:
    """It is trained as it stands on every block, and takes no part as an arm."""
    models, history = train_untuned(search(), Blocks(folds=3).names(), data(), None)
    assert models.description["role"] == "reference"
    assert set(models.states) == {"fold_0", "fold_1", "fold_2"}
    assert set(history["block"]) == {"fold_0", "fold_1", "fold_2"}


def trial(value: float | None, **values: Any) -> Callable[[], Trial]:
    return lambda: Trial(values, value, "ok" if value is not None else "diverged", "", 1.0)


def test_the_same_values_are_not_trained_twice() -> None:
    """A repeated recipe is a trial of its own, with the value that is known."""
    book = TrialBook(None, "x", higher_is_better=False)
    book.attempt({"a": 1}, trial(0.5, a=1))
    again = book.attempt({"a": 1}, lambda: pytest.fail("trained twice"))
    assert (again.value, again.note, again.seconds) == (0.5, "the same as trial 1", 0.0)
    assert len(book.trials) == 2


@pytest.mark.parametrize(("higher", "best"), [(False, 0.2), (True, 0.7)])
def test_the_best_is_in_the_direction_of_the_objective(higher: bool, best: float) -> None:
    """Losses fall, accuracies rise; a trial without a value is never the best."""
    book = TrialBook(None, "x", higher)
    assert book.best() is None
    for number, value in enumerate((0.5, None, 0.2, 0.7)):
        book.attempt({"a": number}, trial(value, a=number))
    found = book.best()
    assert found is not None
    assert found.value == best
    assert book.table("t", "fold_0", {})["best"].iloc[-1] == best
    assert book.cost(book.trials[1]) == np.inf


def test_the_trials_of_another_search_are_refused(tmp_path: Path) -> None:
    """A file that does not fit stops the run with what to do."""
    path = tmp_path / "trials.json"
    TrialBook(path, "x", False).attempt({"a": 1}, trial(0.5, a=1))
    with pytest.raises(StorageError, match=r"expected trial 1 of x with \{'a': 2\}"):
        TrialBook(path, "x", False).attempt({"a": 2}, trial(0.5, a=2))


@pytest.mark.parametrize("content", [b'[{"values": {"a"', b"\xff", b'{"a": 1}', b'[{"values": 1}]'])
def test_a_damaged_file_of_trials_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    """Cut off, no text, or of another shape."""
    path = tmp_path / "trials.json"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"trials\.json: .* Delete the file to start"):
        TrialBook(path, "x", False)


def test_a_recipe_without_a_learning_rate_is_a_failed_trial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The search goes on to the recipes that can be trained."""
    train, made = module.train_trials, []

    def fail_first(*arguments: Any) -> tuple[Models, pd.DataFrame]:
        made.append(arguments)
        if len(made) == 1:
            raise TrialError("x, learning rate", "a finite loss", "none", "Set it yourself.")
        return train(*arguments)

    monkeypatch.setattr(module, "train_trials", fail_first)
    models, _, trials = tune()
    assert trials["status"].tolist() == ["failed", "ok", "ok", "ok"]
    assert trials["note"].iloc[0].startswith("x, learning rate: expected a finite loss")
    assert set(models.states) == {"fold_0"}


def test_scores_tell_trials_as_the_budget() -> None:
    """Tuners have their trials, the untuned recipe none; probes keep what they have."""
    rows = [{"role": role, "budget": 7, "budget_unit": "updates"} for role in ("arm", "probe")]
    rows.append({**rows[0], "role": "reference"})
    found = with_trials(rows, 20)
    assert [row["budget"] for row in found] == [20, 7, 0]
    assert [row["budget_unit"] for row in found] == ["evaluations", "updates", "evaluations"]
    table = pd.DataFrame(
        {"tuner": "a", "block": "fold_0", "status": ["ok", "diverged"], "seconds": [1.0, 2.0]}
    )
    cost = {"arm": "a", "block": "fold_0", "seconds": 4.0, "note": ""}
    costs = with_search_costs([cost, {**cost, "arm": "untuned"}], [table])
    assert costs[0]["seconds"] == 7.0
    assert costs[0]["budget"] == 2
    assert costs[0]["note"] == "1 of 2 trials came to no finite value"
    assert (costs[1]["role"], costs[1]["budget"]) == ("reference", 0)


def test_exhibits_show_every_trial() -> None:
    """Progress, choices and the landscape hold the numbers behind them, and no times."""
    tables = [replace_tuner(tune()[2], name) for name in ("one", "two")]
    for draw, rows in ((progress_exhibit, 8), (chosen_exhibit, 2), (landscape_exhibit, 8)):
        files = draw(tables, TUNE)
        assert len(files["data.csv"].decode().splitlines()) == rows + 1
        assert b"seconds" not in files["data.csv"]
        assert draw(tables, TUNE) == files


def replace_tuner(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table.assign(tuner=name)
