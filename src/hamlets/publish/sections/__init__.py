"""The sections of the continuity report, one module each."""
