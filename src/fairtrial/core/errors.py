"""The one small tree of errors. Each names the place, the rule, the value seen and the remedy."""

from __future__ import annotations


class FairtrialError(Exception):
    """A failure with a cause and a remedy that a user can act on.

    Args:
        where: file, parameter, table cell or option at fault.
        rule: what was expected there, as a phrase after "expected".
        seen: what was found instead, as a phrase after "found".
        remedy: one sentence that tells how to mend it.
    """

    def __init__(self, where: object, rule: str, seen: object, remedy: str) -> None:
        super().__init__(str(where), rule, str(seen), remedy)

    def __str__(self) -> str:
        where, rule, seen, remedy = self.args
        return f"{where}: expected {rule}, found {seen}. {remedy}"


class ConfigError(FairtrialError):
    """studies.yml, a parameters file or a command-line option breaks a rule."""


class DataError(FairtrialError):
    """A raw item, folder, archive or table breaks a rule."""


class StorageError(FairtrialError):
    """A stored file is missing, partial or altered, or cannot be written."""


class StatisticsError(FairtrialError):
    """The scores cannot carry the test that was asked of them."""


class TrialError(FairtrialError):
    """A trial could not be carried out."""
