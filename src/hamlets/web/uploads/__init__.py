"""Files that people send to be loaded, what was found in them, and what became of them."""
