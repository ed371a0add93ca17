"""Where published weights of feature extractors lie; they are never fetched silently. Light."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fairtrial.melodies.scoring.extractors import EXTRACTORS, Published
from fairtrial.training.weights import Wanted, check_weights, find_weights, recipe_digits


def wanted_weights(published: Published, weights_dir: str | None) -> Wanted:
    """What to look for: a file of ``weights_dir``, or without it torch's own."""
    setting = "evaluate.weights_dir"
    return Wanted("evaluate.extractors", published.stem, published.url, weights_dir, setting)


def needed_weights(extractors: Iterable[str], weights_dir: str | None) -> dict[str, Wanted]:
    """What to look for, for each of the extractors that needs weights.

    Raises:
        ConfigError: an extractor is not known.
    """
    published = {name: EXTRACTORS.load(name).weights for name in extractors}
    return {
        name: wanted_weights(weights, weights_dir)
        for name, weights in published.items()
        if weights is not None
    }


def weights_recipe(extractors: Iterable[str], weights_dir: str | None) -> dict[str, str | None]:
    """First digits of the SHA-256 of all needed weights: part of a recipe, as their folder is not.

    Raises:
        ConfigError: an extractor is not known.
    """
    wanted = needed_weights(extractors, weights_dir)
    return {name: recipe_digits(each) for name, each in wanted.items()}


def check_recipe(recipe: Mapping[str, str | None], weights_dir: str | None) -> None:
    """Check that the weights are still those of `weights_recipe`.

    Raises:
        ConfigError: they are not there.
        StorageError: they are others.
    """
    for name, wanted in needed_weights(recipe, weights_dir).items():
        check_weights(find_weights(wanted, fetch=False), recipe[name])
