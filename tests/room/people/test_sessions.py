"""Sessions that have ended are removed, and those that hold are left."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from samverkan.foundation.people import tasks


@pytest.mark.django_db
def test_only_what_has_ended_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    # The day that a demonstration is fixed on is not the time that sessions go by.
    monkeypatch.setenv("SAMVERKAN_TODAY", "2040-01-01")
    for seconds in (-60, 3600):
        session = SessionStore()
        session["who"] = str(seconds)
        session.set_expiry(seconds)
        session.save()
    tasks.forget_sessions(timestamp=0)
    assert [SessionStore(row.session_key)["who"] for row in Session.objects.all()] == ["3600"]
