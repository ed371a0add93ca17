"""What predictions are worth: metrics, scores, heat maps and costs."""
