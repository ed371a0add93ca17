"""Small node functions for the tests of fingerprints and of the runner."""

from __future__ import annotations

import os
import time

from kedro.pipeline import Pipeline

from fairtrial.core.parameters import Parameters
from fairtrial.pipelines.wiring import make_node


class Wish(Parameters):
    """A parameter with a default and a place that is no part of a result."""

    text: str = "hello"
    times: int = 2


def write_page(wish: Wish, *, suffix: str) -> str:
    """A page from parameters."""
    return wish.text * wish.times + suffix


def count_page(page: str, *, block: str) -> dict:
    """A verdict from a page; remembers where it ran."""
    return {"length": len(page), "block": block, "threads": os.environ.get("OMP_NUM_THREADS")}


def fail_always(page: str) -> dict:
    """A node that cannot work."""
    raise ValueError(f"no verdict on {page!r}")


def sleep_long(page: str) -> dict:
    """A node that never ends within a test."""
    time.sleep(600)
    return {}


def pipeline(suffix: str = "!", broken: bool = False) -> Pipeline:
    """page -> verdict, or page -> a failing node beside a good one with a child."""
    nodes = [
        make_node(
            write_page, ["params:wish"], "page", stage="ingest", name="write_page", suffix=suffix
        )
    ]
    if broken:
        nodes += [
            make_node(fail_always, ["page"], "bad", stage="train", name="fail_always"),
            make_node(count_page, ["bad"], "never", stage="train", name="wait", block="b"),
        ]
    nodes.append(
        make_node(count_page, ["page"], "verdict", stage="evaluate", name="count_page", block="b0")
    )
    return Pipeline(nodes, namespace="s", parameters={"params:wish"})
