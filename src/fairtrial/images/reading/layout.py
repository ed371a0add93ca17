"""Trees of folders: which folder is a class, which a split, which only wraps the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from fairtrial.core.errors import DataError
from fairtrial.core.text import count_text
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.decode import SUFFIXES

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "valid",
    "valid": "valid",
    "validation": "valid",
    "test": "test",
    "testing": "test",
}

# Folders of a path, outermost first.
Folders = tuple[str, ...]


@dataclass(frozen=True)
class Placed:
    """Where items stand.

    Attributes:
        names: path -> class as it is named there.
        splits: path -> train, valid, test or "".
        notes: sentences on what was passed over.
    """

    names: Mapping[str, str]
    splits: Mapping[str, str]
    notes: tuple[str, ...]


def place_in_folders(files: Collection[str], ingest: Ingest, root: str) -> Placed:
    """Tell class and split of every file from its folders.

    Args:
        files: POSIX paths from the root.
        ingest: classes and what to ignore.
        root: for messages.

    Returns:
        Every picture that lies in a class folder, and whatever else lies there. Hidden and ignored
        files, and those that lie beside the class folders, are no items.

    Raises:
        DataError: folders branch on two levels and ``ingest.classes`` does not say which count.
    """
    shown = [PurePosixPath(path) for path in files if not _hidden(path)]
    kept = [path for path in shown if not _ignored(path.parts[:-1], ingest.ignore)]
    suffixes = picture_suffixes(path.suffix.lower() for path in kept)
    pictures = {path for path in kept if path.suffix.lower() in suffixes}
    dealt = _split_folders({path.parts[:-1] for path in pictures}, ingest.classes)
    reduced = {path: _reduce(path.parts[:-1], dealt) for path in kept}
    of_pictures = {reduced[path][0] for path in pictures}
    if ingest.classes:
        names = {path: _innermost(reduced[path][0], ingest.classes) for path in kept}
        for path in pictures:
            # A picture in no named class: told by its own folder, which is then asked about.
            names[path] = names[path] or "".join(reduced[path][0][-1:])
    else:
        depth = _wrapping_depth(of_pictures)
        _check_one_level(of_pictures, depth, root)
        classes = {folders[depth] for folders in of_pictures if len(folders) > depth}
        tops = {path: "".join(reduced[path][0][depth : depth + 1]) for path in kept}
        names = {path: name if name in classes else "" for path, name in tops.items()}
    items = {str(path): name for path, name in names.items() if name}
    splits = {str(path): reduced[path][1] for path, name in names.items() if name}
    ignored = [path for path in shown if path.suffix.lower() in suffixes and path not in pictures]
    beside = [path for path in pictures if not names[path]]
    notes = (_passed_over(ignored, "by ingest.ignore"), _passed_over(beside, "beside the classes"))
    return Placed(items, splits, tuple(note for note in notes if note))


def picture_suffixes(found: Iterable[str]) -> Collection[str]:
    """Suffixes that tell pictures; where no file has one, those without a suffix count (DICOM)."""
    return SUFFIXES if any(suffix in SUFFIXES for suffix in found) else ("",)


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _ignored(folders: Folders, patterns: Iterable[str]) -> bool:
    """Whether a pattern fits the name of any folder, or its path from the root."""
    texts = {*folders, *("/".join(folders[:end]) for end in range(1, len(folders) + 1))}
    return any(fnmatchcase(text, pattern) for pattern in patterns for text in texts)


def _split_folders(found: Iterable[Folders], classes: Collection[str]) -> dict[Folders, str]:
    """Folders that deal the pictures: two or more side by side, and no class among them."""
    children: dict[Folders, set[str]] = defaultdict(set)
    for folders in found:
        for depth, name in enumerate(folders):
            children[folders[:depth]].add(name)
    return {
        (*parent, name): SPLIT_NAMES[name.lower()]
        for parent, names in children.items()
        if len(names) > 1
        and all(name.lower() in SPLIT_NAMES and name not in classes for name in names)
        for name in names
    }


def _reduce(folders: Folders, dealt: Mapping[Folders, str]) -> tuple[Folders, str]:
    """The folders that deal nothing, and the split of those that do."""
    prefixes = [folders[: end + 1] for end in range(len(folders))]
    split = next((dealt[prefix] for prefix in reversed(prefixes) if prefix in dealt), "")
    return tuple(prefix[-1] for prefix in prefixes if prefix not in dealt), split


def _innermost(folders: Folders, classes: Collection[str]) -> str:
    return next((name for name in reversed(folders) if name in classes), "")


def _wrapping_depth(found: Collection[Folders]) -> int:
    """How many levels at the top are one folder around everything else."""
    depth = 0
    while (
        len({folders[depth] for folders in found if len(folders) > depth}) == 1
        and max(len(folders) for folders in found) > depth + 1
    ):
        depth += 1
    return depth


def _check_one_level(found: Collection[Folders], depth: int, root: str) -> None:
    """Refuse a class whose pictures lie in several folders, none in its own: is each a class?"""
    below: dict[str, set[Folders]] = defaultdict(set)
    for folders in found:
        if len(folders) > depth:
            below[folders[depth]].add(folders[depth + 1 :])
    for name, rests in sorted(below.items()):
        level = _wrapping_depth(rests)
        inner = sorted({rest[level] for rest in rests if len(rest) > level})
        if len(inner) > 1 and all(len(rest) > level for rest in rests):
            raise DataError(
                f"{root}/{name}",
                f"pictures in one folder a class ({', '.join(sorted(below)[:4])}, ...)",
                f"{len(inner)} folders ({', '.join(inner[:4])}{', ...' * (len(inner) > 4)})",
                "Name the folders that are classes in ingest.classes, as in {cat: cat, dog: dog}, "
                "or leave some out with ingest.ignore.",
            )


def _passed_over(paths: Collection[PurePosixPath], why: str) -> str:
    if not paths:
        return ""
    folders = Counter(str(path.parent) for path in paths)
    where = ", ".join(f"{folder} ({n})" for folder, n in sorted(folders.items())[:3])
    more = f" and {count_text(len(folders) - 3, 'other folder')}" if len(folders) > 3 else ""
    return f"{count_text(len(paths), 'picture file')} passed over {why}: {where}{more}."
