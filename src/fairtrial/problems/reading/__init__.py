"""Problem files as text: what they say, and every mistake with its line."""
