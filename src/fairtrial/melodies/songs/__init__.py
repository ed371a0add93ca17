"""Songs: bars evolved to a user's wishes over a chord progression, and written out."""
