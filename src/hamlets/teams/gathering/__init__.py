"""One practice's inputs for makers of teams and lists, read from a record store."""

from hamlets.teams.gathering.practice import gather

__all__ = ["gather"]
