"""Long work: asked for by a page, done by the worker, shown with its progress."""
