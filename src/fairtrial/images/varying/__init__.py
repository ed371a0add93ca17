"""How training pictures are varied, on the fly or in banks."""
