"""Groups of pictures that are dealt together."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence

from fairtrial.core.errors import ConfigError


def join_groups(items: Sequence[str], keys: Mapping[str, Sequence[Hashable]]) -> dict[str, str]:
    """Join items that share any key, directly or through others.

    Args:
        items: item names.
        keys: item -> its keys, e.g. ``("patient_group", "p17")``; empty for an item of its own.

    Returns:
        item -> name of its group, the first of its items in alphabetical order.
    """
    parent = {item: item for item in items}

    def root(item: str) -> str:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    holder: dict[Hashable, str] = {}
    for item in items:
        for key in keys.get(item, ()):
            one, other = root(item), root(holder.setdefault(key, item))
            # The smaller name leads, so that the order of the items does not matter.
            parent[max(one, other)] = min(one, other)
    return {item: root(item) for item in items}


def match_groups(paths: Sequence[str], pattern: str) -> dict[str, str]:
    """Read groups from file names.

    Args:
        paths: of the pictures, from their root.
        pattern: regular expression with one group in parentheses, searched anywhere in a path.

    Returns:
        path -> what was captured, of the paths that match and capture anything.

    Raises:
        ConfigError: no path matches.
    """
    found = {path: re.search(pattern, path) for path in paths}
    matched = {path: match[1] for path, match in found.items() if match and match[1]}
    if paths and not matched:
        raise ConfigError(
            "ingest.group_pattern",
            f"a pattern that some of the {len(paths)} paths match, such as {paths[0]}",
            f"{pattern!r}, which none does",
            "Mend the pattern; paths are read from the root of the pictures.",
        )
    return matched
