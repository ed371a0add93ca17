"""YAML that remembers its lines, so that every later mistake can name one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from fairtrial.core.errors import DataError

Path = tuple[str | int, ...]

# YAML 1.1 takes 1e-6 and 1.0e6 for text, for lack of a point or a sign; everyone means the number.
_EXPONENT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d+")

# It takes 010 for 8 and 1:30 for 90, which nobody means.
_WHOLE = re.compile(r"[+-]?(0|[1-9]\d*)")

_LONGEST = 1_000_000  # bytes: the parser is slow

_PLAIN = {
    "tag:yaml.org,2002:str",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:null",
    "tag:yaml.org,2002:map",
    "tag:yaml.org,2002:seq",
}


@dataclass(frozen=True)
class Document:
    """A YAML mapping and where its parts stand.

    Attributes:
        name: of the file, for messages.
        data: the mapping.
        lines: path of a key or item -> line, counted from 1.
    """

    name: str
    data: dict[str, Any]
    lines: Mapping[Path, int]

    def where(self, path: Sequence[str | int]) -> str:
        """``file, line 7 (variables.x1)``; the line of the nearest part that exists."""
        known = tuple(path)
        while known and known not in self.lines:
            known = known[:-1]
        dotted = ".".join(str(part) for part in path)
        return f"{self.name}, line {self.lines.get(known, 1)}" + (f" ({dotted})" if dotted else "")

    def error(self, path: Sequence[str | int], rule: str, seen: object, remedy: str) -> DataError:
        """The error for the part at ``path``."""
        return DataError(self.where(path), rule, seen, remedy)


def read_document(content: bytes, name: str) -> Document:
    """Parse one YAML mapping of plain values.

    Args:
        content: UTF-8 text.
        name: of the file, for messages.

    Raises:
        DataError: too long, no UTF-8, no YAML, empty, no mapping, a repeated or unwritten key, an
            alias or a tag; names the line.
    """
    if len(content) > _LONGEST:
        raise DataError(
            name, f"at most {_LONGEST} bytes", str(len(content)), "Put numbers into a table."
        )
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise DataError(name, "UTF-8 text", f"byte {error.start}", "Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise DataError(
            f"{name}{line}", "YAML", error.problem or "an error", "Mend the line or its indent."
        ) from None
    except yaml.YAMLError as error:
        raise DataError(name, "YAML", str(error), "Mend the file.") from None
    except RecursionError:
        raise DataError(name, "YAML", "endless nesting", "Nest no deeper than needed.") from None
    if node is None:
        raise DataError(name, "a problem", "an empty file", "See conf/base/problems for examples.")
    lines: dict[Path, int] = {}
    data = _build(node, (), lines, name, set())
    if not isinstance(data, dict):
        raise DataError(f"{name}, line 1", "a mapping of keys", "another thing", "Start with name:")
    return Document(name, data, lines)


def _build(node: yaml.Node, path: Path, lines: dict[Path, int], name: str, seen: set[int]) -> Any:
    here = Document(name, {}, lines)
    if id(node) in seen:
        raise here.error(path, "values written out", "an alias (*)", "Repeat the value instead.")
    seen.add(id(node))
    lines.setdefault(path, node.start_mark.line + 1)
    if node.tag not in _PLAIN:
        raise here.error(path, "plain values", f"the tag {node.tag}", "Quote it, or leave it out.")
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:null":
                raise DataError(f"{name}, line {line}", "a key of text", "another", "Write text.")
            part = (*path, key.value)
            if key.value in result:
                raise DataError(
                    f"{name}, line {line} ({'.'.join(map(str, part))})",
                    "every key once",
                    f"{key.value} again (first on line {lines[part]})",
                    "Remove one of them.",
                )
            lines[part] = line
            result[key.value] = _build(value, part, lines, name, seen)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(item, (*path, index), lines, name, seen) for index, item in enumerate(node.value)
        ]
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    if plain and _EXPONENT.fullmatch(node.value):
        return float(node.value)
    if node.tag == "tag:yaml.org,2002:int" and not _WHOLE.fullmatch(node.value):
        remedy = "Write it without leading zeros, colons and underscores."
        raise here.error(path, "a whole number in plain digits", node.value, remedy)
    return yaml.SafeLoader("").construct_object(node)
