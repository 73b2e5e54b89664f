"""What the room of networks hands over to be shown: frozen dataclasses, one module a subject."""
