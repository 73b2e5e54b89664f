"""Team models and plans being made on the site, by several people at once."""
