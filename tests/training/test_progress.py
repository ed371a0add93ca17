"""Progress: lines on a log, a bar on a terminal; and patience with a training."""

from __future__ import annotations

import io
import logging

import pytest

from fairtrial.training import progress as module
from fairtrial.training.early_stopping import Patience
from fairtrial.training.progress import progress

LOG = logging.getLogger("fairtrial.test_progress")


def follow(updates: int, done: int = 0) -> None:
    with progress(LOG, "a trial", updates, done) as show:
        for made in range(done + 1, updates + 1):
            show(made, {"loss": 1 / made} | ({"valid_accuracy": 0.5} if made % 2 == 0 else {}))


def test_a_log_gets_five_lines_and_no_bar(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Away from a terminal a training of any length writes five lines with its metrics."""
    with caplog.at_level(logging.INFO, LOG.name):
        follow(100)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 5
    assert lines[-1] == "a trial: update 100 of 100, loss 0.01, valid_accuracy 0.5"
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar_with_the_metrics(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On a terminal a bar shows the latest of each metric; the log stays for the rest."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with caplog.at_level(logging.INFO, LOG.name):
        follow(6, done=2)
    assert caplog.records == []
    assert "6/6" in terminal.getvalue()
    assert "loss 0.1667" in terminal.getvalue()
    assert "accuracy 0.5" in terminal.getvalue()


def test_workers_draw_no_bars(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that another one started shares its terminal, and so writes lines."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(module.multiprocessing, "parent_process", lambda: object())
    with caplog.at_level(logging.INFO, LOG.name):
        follow(10)
    assert len(caplog.records) == 5


def looked(*losses: float | None) -> list[dict[str, float]]:
    """A history with a look where a loss stands."""
    return [{"loss": 1.0} | ({} if x is None else {"valid_loss": x}) for x in losses]


def test_patience_counts_looks_without_a_new_least_loss() -> None:
    """It ends after so many, never between looks; an equal loss is no gain."""
    assert not Patience(2)([])
    assert not Patience(2)(looked(1.0, None, 1.0))
    assert Patience(2)(looked(1.0, None, 1.0, 1.0))
    assert not Patience(2)(looked(1.0, 1.0, 1.0, None))
    assert not Patience(2)(looked(1.0, 1.0, 0.9))
    assert Patience(1)(looked(0.5, 0.6))
