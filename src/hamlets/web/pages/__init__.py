"""Pages: one module a page, each view behind :func:`hamlets.web.places.standing.page`."""
