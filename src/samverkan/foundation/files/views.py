"""Handing out files."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from samverkan.foundation.access import Request

from ..web.pages import found
from . import open_file as read
from .models import FileKind


@require_safe
def open_file(request: Request, public_id: UUID) -> HttpResponse:
    """A photo in the page, a document as a download; never anything that could run."""
    stored, content = found(read, request.actor, public_id)
    response = HttpResponse(content, content_type=stored.media_type)
    header = content_disposition_header(stored.kind != FileKind.PHOTO, stored.name)
    if header:
        response["Content-Disposition"] = header
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
