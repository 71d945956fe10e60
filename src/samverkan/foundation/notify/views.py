"""The inbox."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from samverkan.foundation.access import Request

from .. import refs
from ..web import notices
from ..web.pages import found, page_of
from . import selectors, services, texts


@require_GET
def inbox(request: Request) -> HttpResponse:
    """The seat's notices, the newest first. What each is about is asked when it is read, and never mailed."""
    actor = request.actor
    page = page_of(request, selectors.inbox(actor))
    rows, language = [], get_language() or "sv"
    about = refs.about(actor, {refs.Ref(notice.ref_kind, notice.ref_id) for notice in page})
    for notice in page:
        template = texts.get(notice.template)
        rows.append(
            {
                "notice": notice,
                "subject": texts.filled(template.subject, notice.data, language),
                "about": about.get(refs.Ref(notice.ref_kind, notice.ref_id), ""),
                "text": texts.filled(template.text, notice.data, language),
            }
        )
    return render(request, "notify/inbox.html", {"page": page, "rows": rows, "unread": selectors.unread_count(actor)})


@require_GET
def open_notice(request: Request, public_id: UUID) -> HttpResponse:
    """Go to what the notice speaks of; it is read by that."""
    actor = request.actor
    notice = found(selectors.inbox(actor).get, public_id=public_id)
    services.mark_read(actor, public_id=public_id)
    linked = refs.resolve(actor, refs.Ref(notice.ref_kind, notice.ref_id))
    if linked is None:
        notices.tell(request, _("What the message was about is no longer available to you."))
        return redirect("inbox")
    return redirect(linked.url)


@require_POST
def read_all(request: Request) -> HttpResponse:
    """Mark everything as read."""
    services.mark_read(request.actor)
    notices.done(request, _("All messages are marked as read."))
    return redirect("inbox")
