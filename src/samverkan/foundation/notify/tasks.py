"""Mail that says only that something waits, and the disposal of old notices."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock, jobs
from .models import Notice


@jobs.task("notify.mail")
def mail(membership_id: int) -> None:
    """One mail for all notices that the seat has neither read nor been mailed about."""
    with transaction.atomic():
        waiting = list(
            Notice.objects.select_for_update(of=("self",))
            .filter(membership_id=membership_id, read_at__isnull=True, mailed_at__isnull=True)
            .select_related("membership__person")
        )
        if not waiting:
            return
        person = waiting[0].membership.person
        Notice.objects.filter(pk__in=[notice.pk for notice in waiting]).update(mailed_at=clock.now())
        with translation.override(person.language):
            send_mail(
                _("New message in Samverkan"),
                _("You have a new message in Samverkan. Sign in to read it: {link}").format(
                    link=settings.BASE_URL.rstrip("/") + reverse("inbox")
                ),
                None,
                [person.email],
            )


def due(before: date) -> int:
    """How many notices are older than a date."""
    return _old(before).count()


def dispose(before: date) -> int:
    """Take away notices older than a date. Returns how many."""
    return _old(before).delete()[0]


def _old(before: date) -> QuerySet[Notice]:
    return Notice.objects.filter(created_at__lt=clock.day_span(before)[0])
