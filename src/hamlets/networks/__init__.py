"""Networks of practices: formed on a map, held to a standard, paid together, sharing staff."""
