"""Groups of pictures that must stay on one side of every split."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence


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
