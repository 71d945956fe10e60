from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "samverkan.foundation.notify"
    label = "notify"

    def ready(self) -> None:
        from .. import municipality, registries
        from . import handlers, tasks  # noqa: F401 (handlers register themselves)

        municipality.declare(
            "retention.notices_days",
            int,
            365,
            _(
                "How many days notices are kept in the inbox. A lower number disposes of the older ones the night it begins to hold."
            ),
            name=_("Notices in the inbox"),
            least=30,
            most=3650,
            unit=municipality.days,
            needs="settings.operate",
        )
        registries.retention_rules.add(
            "notices",
            meaning=_("Notices in the inbox"),
            ground="Gallras vid inaktualitet (10 § arkivlagen (1990:782), RA-FS 2021:6)",
            setting="retention.notices_days",
            due=tasks.due,
            dispose=tasks.dispose,
        )
