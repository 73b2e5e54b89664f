"""The simulated appointment book: invented practices, patients and the way they book."""
