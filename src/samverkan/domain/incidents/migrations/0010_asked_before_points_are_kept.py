"""No category shows exact places before a person has said that it may. What a rule answered before stays, and is asked about."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models
from django.utils.translation import pgettext_lazy

#: The categories that came with the program when this was written: answered by those who made it.
_STANDARD = (
    "ordning storningar brak fyrverkerier skadegorelse-och-brand skadegorelse klotter anlagd-brand otrygg-plats "
    "morkt-eller-undanskymt nedskrapning otrygghet alkohol-och-narkotika narkotika berusade vald-och-hot "
    "vald-i-nara-relation hedersrelaterat hot-mot-personal stold-och-bedrageri stold bostadsinbrott bedrageri-mot-aldre "
    "trafik buskorning vapen ordning-och-kontroll sammanfattning ovrigt annat"
).split()


def _answered(apps: Any, editor: Any) -> None:
    categories = apps.get_model("incidents", "Category").objects
    # What is kept by area only has no places to lose; what shows them by the words of its name is asked about.
    categories.filter(is_home_bound=True).update(point_answer="given")
    categories.filter(is_home_bound=False).exclude(code__in=_STANDARD).update(point_answer="former")
    categories.filter(code__in=_STANDARD).update(point_answer="given")
    # Rows that were changed keep checks for the end of the transaction, and no table with such can be altered.
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0009_feed_memory")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="category",
            name="point_answer",
            field=models.CharField(
                choices=[
                    ("waits", pgettext_lazy("exact places", "Nobody has answered")),
                    ("former", pgettext_lazy("exact places", "By a former rule")),
                    ("given", pgettext_lazy("exact places", "Answered")),
                ],
                default="waits",
                help_text="Home-bound until somebody has answered.",
                max_length=6,
                verbose_name=pgettext_lazy("recorded field", "Whether exact places may be kept"),
            ),
        ),
        migrations.RunPython(_answered, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="category",
            name="is_home_bound",
            field=models.BooleanField(
                default=True,
                help_text="Kept at area level only, since a dwelling identifies those who live there.",
                verbose_name=pgettext_lazy("recorded field", "Home-bound"),
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_home_bound", True), models.Q(("point_answer", "waits"), _negated=True), _connector="OR"),
                name="category_asked_first",
            ),
        ),
    ]
