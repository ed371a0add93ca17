"""What the page of an image study shows beside its verdict, a module a subject. Light: names."""

# Exhibits made of all predictions at once, and of predictions with their pictures.
PREDICTIONS = (
    "lead",
    "metrics",
    "confusion",
    "classes",
    "areas",
    "calibration",
    "agreement",
    "by_source",
)
PICTURES = ("gallery", "mistakes")
