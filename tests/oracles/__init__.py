"""Independent twins of the continuity kernel: slow, obvious, and written from the definitions."""
