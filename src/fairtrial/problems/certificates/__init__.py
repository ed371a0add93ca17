"""What proves an answer: read and evaluated again, balanced, priced, held against claims."""
