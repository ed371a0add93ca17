"""Melodies: MIDI files, scaled piano rolls, augmentations, the GAN and its scores."""
