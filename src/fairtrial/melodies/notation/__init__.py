"""Melodies as musicians read them: names of pitches, written values, engraved scores."""
