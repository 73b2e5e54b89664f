"""Where people stand: places, roles, and what each may do there."""
