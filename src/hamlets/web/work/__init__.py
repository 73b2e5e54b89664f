"""What jobs compute: the only modules of the site that use the heavy rooms.

Each function takes plain data and returns plain data, and is run in a child of the worker:
``function(store, practice, progress, **question)``. Heavy imports stand inside functions, so
that importing a module costs nothing.
"""
