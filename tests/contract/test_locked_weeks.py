"""The demonstration's locked weeks hold what they were locked with, whatever the program has learnt since."""

from __future__ import annotations

from samverkan.domain.est.models import Edition
from samverkan.domain.est.week.content import kept
from samverkan.foundation.access import Actor
from samverkan.foundation.editions import fingerprint, write


def test_locked_weeks_are_read_and_written_to_the_letter(demo: dict[str, Actor]) -> None:
    editions = list(Edition.objects.all())
    assert editions
    for edition in editions:
        again = write(kept(edition.content))
        assert again == edition.content
        assert fingerprint(again) == edition.sha256 and edition.is_whole
