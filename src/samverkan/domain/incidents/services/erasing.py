"""What points somebody out is taken out of an incident for good, when it is seen only after it was recorded.

A correction keeps what was said before; this does not. The words leave the incident and its earlier
versions at once, and whoever wrote reports that it was made of lets theirs go when told.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from samverkan.foundation import clock, events, marks
from samverkan.foundation.access import Actor, require
from samverkan.foundation.files.models import Disposal
from samverkan.foundation.web.errors import Conflict, Refusal

from ..models import Incident

RULE = "incidents.words"
LONGEST_TITLE = 300


@dataclass(frozen=True)
class WordsTakenOut:
    """Words were taken out of an incident for good. Whoever keeps words of its own about it lets them go."""

    incident_id: int
    photos: bool


@transaction.atomic
def take_out(
    actor: Actor, *, incident: Incident, version: int, title: str, description: str, photos: bool = False
) -> Incident:
    """Let the incident say this and nothing else, and have said nothing before.

    The source's fingerprint stays, so that importing the same again does not bring the words back.
    """
    require(actor, "incidents.edit")
    row = Incident.objects.select_for_update().get(pk=incident.pk)
    if row.version != version:
        raise Conflict
    if len(title.strip()) > LONGEST_TITLE:
        raise Refusal(_("The heading is longer than 300 characters."), field="title")
    row.title, row.description = title.strip(), description.strip()
    row.version += 1
    row.changed_at = clock.now()
    row.save(update_fields=["title", "description", "version", "changed_at"])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE incidents_incidentversion SET content = content - ARRAY['title', 'description']"
            " WHERE incident_id = %s AND content ?| ARRAY['title', 'description']",
            [row.pk],
        )
        count = 1 + int(cursor.rowcount)
    Disposal.objects.create(
        rule=RULE, ref_kind="incident", ref_id=row.public_id, count=count, by_id=actor.membership_id
    )
    marks.settle([row])
    events.publish(WordsTakenOut(row.pk, photos))
    return row
