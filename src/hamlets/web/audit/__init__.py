"""Who did what: a chain of entries that cannot be changed unseen."""
