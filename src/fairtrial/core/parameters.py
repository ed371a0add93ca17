"""Rules for parameters, declared as data, with one wording for every bad value.

Strict numbers: ``"3"`` is no integer and ``true`` is no float; NaN and infinities are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from fairtrial.core.errors import ConfigError

NAME_PATTERN = r"[a-z0-9]+(_[a-z0-9]+)*"

Integer = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]
Whole = Annotated[int, Field(strict=True, ge=0)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError("the lower end must not exceed the upper end")
    return pair


Interval = Annotated[tuple[Real, Real], AfterValidator(_ordered)]
Name = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$")]


class Parameters(BaseModel):
    """Base of every parameter model: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Model = TypeVar("Model", bound=BaseModel)


def check_parameters(model: type[Model], values: Any, where: str) -> Model:
    """Build ``model`` from ``values``.

    Args:
        model: a `Parameters` class.
        values: a mapping, as read from YAML.
        where: name of the mapping for the message, e.g. ``"parameters: xray.train"``.

    Raises:
        ConfigError: naming the first key at fault, the rule and the value seen.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in (where, *fault["loc"]))
        more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
        if fault["type"] == "extra_forbidden":
            known = ", ".join(sorted(model.model_fields))
            raise ConfigError(
                key, "a known key", "an unknown one", f"Keys of {where}: {known}.{more}"
            ) from None
        seen = "nothing" if fault["type"] == "missing" else repr(fault["input"])
        rule = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
        rule = {"Field required": "a value"}.get(rule, rule)
        raise ConfigError(key, rule, seen, f"Set it to such a value.{more}") from None


def check_settings(
    name: str,
    noun: str,
    find_model: Callable[[str], type[BaseModel]],
    settings: Mapping[str, Any] | None,
) -> None:
    """Refuse settings that do not fit what a registry offers under ``name``; for validators.

    Args:
        name: of the registry's entry.
        noun: what it is, with its article.
        find_model: gives the entry's model of settings, or raises ConfigError.
        settings: the keys beside the name.

    Raises:
        ValueError: the name or a setting is not known.
        ValidationError: a setting has a bad value.
    """
    try:
        model = find_model(name)
    except ConfigError as error:
        known = str(error.args[3]).rstrip(".")
        raise ValueError(f"{error.args[1]} of {noun} ({known})") from None
    try:
        model.model_validate(settings or {})
    except ValidationError as error:
        unknown = [fault for fault in error.errors() if fault["type"] == "extra_forbidden"]
        if unknown:
            known = ", ".join(sorted(model.model_fields)) or "no settings"
            raise ValueError(f"settings of {name} ({known}), not {unknown[0]['loc'][0]}") from None
        raise  # pydantic keeps the place of each fault


def check_name(name: str, where: str) -> str:
    """Return ``name`` if it can stand in a dataset's name, else raise ConfigError."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise ConfigError(
            where,
            "lower-case letters and digits joined by single underscores",
            repr(name),
            "Rename it, e.g. resnet_34.",
        )
    return name
