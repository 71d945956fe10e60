"""Every text that a room keeps for others to read is looked through for personal data, or says why it is not."""

from __future__ import annotations

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from samverkan.foundation import marks
from samverkan.foundation.access import with_content


def texts(model: type[models.Model]) -> set[str]:
    """Free texts of a model: no choices, no codes."""
    return {
        field.name
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.SlugField)
        and not field.choices
    }


def unlooked(found: list[type[models.Model]]) -> dict[str, set[str]]:
    """Texts that are neither looked through nor left with a reason, by model."""
    out = {}
    for model in found:
        label = model._meta.label
        entry = marks.fields.get(label)
        named = set(entry.names if entry else ()) | set(marks.fields.left.get(label, {}))
        if texts(model) - named:
            out[label] = texts(model) - named
    return out


def test_every_shared_text_is_looked_through() -> None:
    rooms = [model for model in with_content() if model.__module__.startswith("samverkan.domain.")]
    assert len(rooms) > 20 and unlooked(rooms) == {}


@isolate_apps("samverkan.domain.est")
def test_a_new_text_without_it_is_found() -> None:
    class Remark(models.Model):
        words = models.TextField()
        state = models.CharField(max_length=4, choices=[("open", "Open")])

        class Meta:
            app_label = "est"

    assert unlooked([Remark]) == {"est.Remark": {"words"}}


def test_what_is_named_exists_and_reasons_are_reasons() -> None:
    for label, entry in marks.fields.items():
        assert set(entry.names) <= texts(apps.get_model(label)), label
    for label, left in marks.fields.left.items():
        assert set(left) <= texts(apps.get_model(label)), label
        assert all(len(why) > 10 for why in left.values())
