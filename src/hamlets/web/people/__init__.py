"""Who signs in: persons, invitations, second steps."""
