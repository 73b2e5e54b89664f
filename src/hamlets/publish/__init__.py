"""Pages for people: charts with their text, reports, and the words they use."""
