"""What the page of a melody study shows and plays."""
