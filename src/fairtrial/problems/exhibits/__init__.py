"""What the page of a problem shows: the answer with its proof, then how the optimisers did."""
