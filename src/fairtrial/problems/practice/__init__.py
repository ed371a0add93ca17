"""What a plant or a workshop asks beyond the cheapest answer."""
