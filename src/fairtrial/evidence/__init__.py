"""What a reader is shown: figures, exhibits, the page of a study and the index of a workspace."""
