"""The command ``fairtrial``: verify, plan, prune what is stored; predict new pictures; schemas."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from kedro.framework.cli.utils import _split_params

from fairtrial.configuration import PROJECT, open_configuration, workspace
from fairtrial.core.errors import ConfigError, FairtrialError

if TYPE_CHECKING:
    from fairtrial.images.prediction.trained import Trained

_Command = Callable[..., None]


def _configured(command: _Command) -> _Command:
    """The options by which ``kedro run`` is told its configuration."""
    command = click.option(
        "--conf-source", default=None, help="Folder of the configuration; conf/ if left out."
    )(command)
    return click.option("--env", "-e", default=None, help="Environment; KEDRO_ENV if left out.")(
        command
    )


def _parameterised(command: _Command) -> _Command:
    """The option by which ``kedro run`` is told runtime parameters."""
    return click.option(
        "--params",
        default="",
        callback=_split_params,
        help="Runtime parameters, as for kedro run: data_root=DIR,fish.train.epochs=3.",
    )(command)


class _Group(click.Group):
    """Our own errors are one message with exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FairtrialError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group)
@click.version_option(package_name="fairtrial")
def cli() -> None:
    """Look after the results of fair trials."""


@cli.command()
@_configured
def verify(env: str | None, conf_source: str | None) -> None:
    """Hash every stored file again and name what is altered, missing or unfinished."""
    from fairtrial.storage.seals import sealed_folders
    from fairtrial.storage.staging import leftovers
    from fairtrial.storage.verify import verify_workspace

    folder = workspace(open_configuration(env, conf_source))
    found = 0
    for fault in verify_workspace(folder):
        found += 1
        click.echo(f"ALTERED {fault}")
    for path in leftovers(folder):
        click.echo(f"UNFINISHED {path} (removed when the next run starts)")
    versions = len(list(sealed_folders(folder)))
    click.echo(f"{versions} versions checked in {folder}, {found} faults.")
    if found:
        raise SystemExit(1)


def _versions(folder: Path) -> list[Path]:
    """Folders of dataset versions below a workspace."""
    return [
        path
        for layer in sorted(folder.glob("[0-9][0-9]_*"))
        for path in sorted(layer.rglob("????-??-??T??.??.??.???Z"))
        if path.is_dir()
    ]


@cli.command()
@click.option("--keep", type=click.IntRange(min=1), required=True, help="Versions to keep of each.")
@_configured
def prune(keep: int, env: str | None, conf_source: str | None) -> None:
    """Remove all but the newest KEEP versions of every dataset, and leftovers of killed runs."""
    from fairtrial.storage.staging import remove_leftovers

    folder = workspace(open_configuration(env, conf_source))
    leftovers = remove_leftovers(folder)
    freed = removed = 0
    homes = sorted({path.parent for path in _versions(folder)})
    for home in homes:
        versions = sorted(path for path in home.iterdir() if path.is_dir())
        for version in versions[:-keep]:
            freed += _size(version)
            shutil.rmtree(version)
            removed += 1
    click.echo(
        f"{removed} versions ({freed / 1e6:.1f} MB) and {leftovers} leftovers removed in {folder}."
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@cli.command()
@_configured
@_parameterised
@click.option("--workers", type=click.IntRange(min=1), default=1, help="Processes side by side.")
def plan(env: str | None, conf_source: str | None, params: dict[str, Any], workers: int) -> None:
    """Tell what a run would do: nodes and trials to make, time, disk, what is missing."""
    from fairtrial.planning import plan_run

    for line in plan_run(env, conf_source, params, workers):
        click.echo(line)


@cli.command()
@click.argument("model")
@click.argument("pictures", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the table and the page; new or empty.",
)
@click.option("--version", default=None, help="Version of a study's best model; the newest if out.")
@click.option(
    "--threshold",
    type=float,
    default=None,
    help="Abstain below this probability; by default as chosen on validation items.",
)
@_configured
@_parameterised
def predict(
    model: str,
    pictures: Path,
    out: Path,
    version: str | None,
    threshold: float | None,
    env: str | None,
    conf_source: str | None,
    params: dict[str, Any],
) -> None:
    """Predict PICTURES (a file, folder or archive) with MODEL.

    MODEL is a study (its best model), a trial of one as STUDY:ARM:BLOCK, or the folder or file of
    an exported model.
    """
    from fairtrial.core.files import partial_path
    from fairtrial.images.prediction.prediction_report import report_predictions
    from fairtrial.storage.folders import write_files
    from fairtrial.storage.trained_models import open_pictures

    if out.exists() and any(out.iterdir()):
        raise ConfigError("--out", "a new or an empty folder", f"{out} with files", "Name another.")
    raw = open_pictures(pictures)
    trained = _open_model(model, version, env, conf_source, params)
    report = report_predictions(trained, raw, model, threshold)
    staging = partial_path(out)
    try:
        write_files(staging, report.files)
        staging.replace(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    click.echo(report.sentence)
    for name in report.files:
        click.echo(out / name)


def _open_model(
    model: str,
    version: str | None,
    env: str | None,
    conf_source: str | None,
    params: dict[str, Any],
) -> Trained:
    """A model by the name of its study, its trial or its files."""
    from fairtrial.planning import find_stale
    from fairtrial.session import open_catalog
    from fairtrial.storage.trained_models import open_best, open_files, open_trial
    from fairtrial.studies import read_plans

    name, *trial = model.split(":")
    if Path(model).exists() or "/" in model:
        return open_files(Path(model))
    catalog = open_catalog(env, conf_source, params)
    plans = {key: plan for key, plan in read_plans().items() if plan.study.kind == "images"}
    if name not in plans or len(trial) not in (0, 2):
        raise ConfigError(
            "MODEL",
            "a study of pictures, STUDY:ARM:BLOCK, or exported files",
            repr(model),
            f"Studies here: {', '.join(plans) or 'none'}.",
        )
    plan = plans[name]
    if not trial:
        return open_best(plan.study, catalog, version)
    catalog.stale = find_stale(plan, catalog)
    return open_trial(plan.study, plan.groups, trial[0], trial[1], catalog)


@cli.command()
@click.option(
    "--folder", type=click.Path(file_okay=False), default="conf/schema", show_default=True
)
def schema(folder: str) -> None:
    """Write JSON Schemas of studies.yml and of the parameters of each kind, for editors."""
    from fairtrial.studies import study_schemas

    target = PROJECT / folder
    target.mkdir(parents=True, exist_ok=True)
    for name, content in study_schemas().items():
        (target / f"{name}.schema.json").write_text(json.dumps(content, indent=1) + "\n")
        click.echo(target / f"{name}.schema.json")


if __name__ == "__main__":
    cli()
