"""Teams: micro-teams and patient lists, their proof, and what the rota would allow."""
