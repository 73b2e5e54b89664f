"""What reception says and why: words that a practice may change, and counts of reasons."""
