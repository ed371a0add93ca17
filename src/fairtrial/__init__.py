"""Fair trials for models, augmentations and optimisers."""

__version__ = "0.1.0"
