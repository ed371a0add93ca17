"""The structure of a study."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import check_parameters
from fairtrial.core.study import Blocks, Study, fold_and_seed, protocol_of, split_name

ENTRY = {
    "name": "xray",
    "kind": "images",
    "arms": ["one", "two"],
    "blocks": {"folds": 5},
    "design": "blocked",
    "primary_metric": "macro_f1",
}


@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 3))
def test_more_seeds_only_append_blocks(folds: int, seeds: int, more: int) -> None:
    """Extending a study never renames or reorders the blocks it has."""
    before = Blocks(folds=folds, seeds=seeds).names()
    after = Blocks(folds=folds, seeds=seeds + more).names()
    assert after[: len(before)] == before
    assert len(set(after)) == len(after) == folds * (seeds + more)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9))
def test_more_runs_keep_full_chunks(runs: int, more: int, size: int) -> None:
    """Chunk k holds blocks [k size, (k+1) size), so full chunks outlast an extension."""
    values = {**ENTRY, "kind": "melodies", "chunk": size}
    before = Study(**{**values, "blocks": {"runs": runs}}).chunks()
    after = Study(**{**values, "blocks": {"runs": runs + more}}).chunks()
    full = {name: blocks for name, blocks in before.items() if len(blocks) == size}
    assert all(after[name] == blocks for name, blocks in full.items())
    assert sum(after.values(), ()) == tuple(Blocks(runs=runs + more).names())


def test_names_of_blocks_are_read_back() -> None:
    """A block's name tells its fold and seed."""
    assert fold_and_seed("fold_2") == (2, 0)
    assert fold_and_seed("fold_2_seed_1") == (2, 1)
    assert fold_and_seed("run_017") == (0, 17)
    assert fold_and_seed("naive_fold_3") == (3, 0)
    assert fold_and_seed("source_1") == (1, 0)


def test_blocks_of_other_protocols_have_splits_of_their_own() -> None:
    """A prefix tells the protocol; the standard blocks of a fold share one split."""
    blocks = {"fold_2_seed_1": "fold_2", "run_003": "all", "naive_fold_2": "naive_fold_2"}
    assert {block: split_name(block) for block in blocks} == blocks
    assert split_name("source_0") == "source_0"
    named = ("fold_0", "run_000", "naive_fold_0", "source_1")
    assert [protocol_of(block) for block in named] == ["standard", "standard", "naive", "by_source"]


@pytest.mark.parametrize(
    ("change", "place", "rule"),
    [
        ({"arms": ["one"]}, "arms", "at least 2"),
        ({"arms": ["one", "one"]}, "", "without repetition"),
        ({"arms": ["One", "two"]}, "arms.0", "pattern"),
        ({"arms": ["a__b", "two"]}, "arms.0", "pattern"),
        ({"blocks": {"folds": 5, "runs": 5}}, "blocks", "exactly one of folds and runs"),
        ({"blocks": {"folds": "5"}}, "blocks.folds", "valid integer"),
        ({"blocks": {"folds": True}}, "blocks.folds", "valid integer"),
        ({"blocks": {"folds": 0}}, "blocks.folds", "greater than or equal to 1"),
        ({"design": "paired"}, "design", "'blocked' or 'independent'"),
        ({"colour": 1}, "colour", "a known key"),
        ({"of": ["fish"]}, "", "only with kind: scores"),
    ],
)
def test_a_bad_entry_names_key_rule_and_value(change: dict, place: str, rule: str) -> None:
    """Every mistake in studies.yml is one message with the key, the rule and what was seen."""
    with pytest.raises(ConfigError) as caught:
        check_parameters(Study, {**ENTRY, **change}, "studies.yml: xray")
    assert str(caught.value).startswith(f"studies.yml: xray{'.' if place else ''}{place}")
    assert rule in str(caught.value)
