"""Models: reads features and labels, writes scores. Knows no web."""
