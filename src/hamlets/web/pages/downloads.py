"""Files that pages offer."""

from __future__ import annotations

from django.http import HttpResponse


def csv_response(name: str, words: str) -> HttpResponse:
    """Return a CSV file ; it was made for spreadsheets where it was drawn."""
    response = HttpResponse(words, content_type="text/csv; charset=utf-8")
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)
    response["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response
