"""The session of a run: its id, its selection checked, its errors as one clear message."""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import click
from kedro.framework.context import KedroContext
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import CatalogProtocol

from fairtrial.configuration import PROJECT, use_configuration, workspace
from fairtrial.core.errors import ConfigError, FairtrialError
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.studies import Plan, read_plans

RUNS = "_runs"
RUN_ID_VARIABLE = "FAIRTRIAL_RUN_ID"
_FORMAT = "%Y-%m-%dT%H.%M.%S.%f"


def format_run_id(moment: datetime) -> str:
    """A version name that sorts by time: ``2026-01-31T23.59.59.999Z``."""
    return moment.strftime(_FORMAT)[:-3] + "Z"


def next_run_id(folder: Path) -> str:
    """Now, or just after the newest run of the workspace if its clock was ahead of ours.

    An older id would be stored and then never be the latest version.
    """
    now = format_run_id(datetime.now(UTC))
    newest = max((path.name for path in (folder / RUNS).glob("*/")), default="")
    if newest < now:
        return now
    try:
        moment = datetime.strptime(newest.rstrip("Z"), _FORMAT)
    except ValueError:
        raise ConfigError(
            folder / RUNS / newest, "runs named by time", newest, "Move that folder away."
        ) from None
    return format_run_id(moment + timedelta(milliseconds=1))


def given_run_id() -> str | None:
    """The id that an orchestrator gave to all tasks of one run, if any."""
    value = os.environ.get(RUN_ID_VARIABLE)
    if not value:
        return None
    try:
        datetime.strptime(value.rstrip("Z"), _FORMAT)
    except ValueError:
        raise ConfigError(
            RUN_ID_VARIABLE, "a time such as 2026-01-31T23.59.59.999Z", repr(value), "Mend it."
        ) from None
    return value


class TrialContext(KedroContext):
    """A context whose catalog, also in a notebook, is the sealed one."""

    def _get_catalog(
        self, catalog_class: type = TrialCatalog, *args: Any, **kwargs: Any
    ) -> CatalogProtocol:
        return super()._get_catalog(TrialCatalog, *args, **kwargs)


class TrialSession(KedroSession):
    """A Kedro session with our run ids and a checked selection of stages and studies."""

    @classmethod
    def create(cls, *args: Any, **kwargs: Any) -> TrialSession:
        session: TrialSession = super().create(*args, **kwargs)  # type: ignore[assignment]
        with _OneMessage():
            loader = session._get_config_loader()
            use_configuration(loader)
            run_id = given_run_id() or next_run_id(workspace(loader))
        session.session_id = run_id
        session._store["session_id"] = run_id
        return session

    def run(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As Kedro's; a study or a stage that is not there is one clear error first."""
        with _OneMessage():
            chosen = inspect.signature(super().run).bind(*args, **kwargs).arguments
            stages = [chosen.get("pipeline_name"), *(chosen.get("pipeline_names") or [])]
            check_selection(
                read_plans(), [name for name in stages if name], chosen.get("namespaces") or []
            )
            return super().run(*args, **kwargs)


class _OneMessage:
    """On the command line our own errors are one message with exit code 1, no traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, FairtrialError) and click.get_current_context(silent=True):
            raise click.ClickException(str(error)) from error


def open_catalog(
    env: str | None, conf_source: str | None, params: dict[str, Any] | None = None
) -> TrialCatalog:
    """The catalog that a run with these options would have; its studies are those read from now on.

    Args:
        env: environment; KEDRO_ENV if none.
        conf_source: folder of the configuration; the project's conf/ if none.
        params: runtime parameters.
    """
    bootstrap_project(PROJECT)
    logging.disable(logging.INFO)
    session = TrialSession.create(
        project_path=PROJECT,
        env=env,
        conf_source=conf_source,
        runtime_params=params,
        save_on_close=False,
    )
    # The context of our session makes no other catalog.
    return cast(TrialCatalog, session.load_context().catalog)


def check_selection(
    plans: dict[str, Plan], stages: Iterable[str], namespaces: Iterable[str]
) -> None:
    """Raise ConfigError if a chosen study, stage or pair of them does not exist."""
    known = {stage for plan in plans.values() for stage in plan.stages}
    for stage in stages:
        if stage not in known | {"__default__"}:
            raise ConfigError(
                "--pipelines", "a stage", repr(stage), f"Stages: {', '.join(sorted(known))}."
            )
    for namespace in namespaces:
        name, _, stage = namespace.partition(".")
        if name not in plans:
            raise ConfigError(
                "--namespaces", "a study", repr(name), f"Studies here: {', '.join(plans)}."
            )
        wanted = [stage.partition(".")[0]] if stage else stages
        for each in wanted:
            if each not in (*plans[name].stages, "__default__"):
                raise ConfigError(
                    f"{name}.{each}",
                    f"a stage of kind {plans[name].study.form}",
                    "none",
                    f"{name} has: {', '.join(plans[name].stages)}.",
                )
