"""What the page of an image study shows beside its verdict, a module a subject."""
