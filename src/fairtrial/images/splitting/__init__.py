"""Who stands on which side: groups, found copies, divisions, and what a careless one claims."""
