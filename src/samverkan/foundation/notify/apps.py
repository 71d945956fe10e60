from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "samverkan.foundation.notify"
    label = "notify"

    def ready(self) -> None:
        from .. import registries
        from . import tasks

        registries.retention_rules.add(
            "notices",
            meaning=_("Notices in the inbox"),
            ground="Gallras vid inaktualitet (10 § arkivlagen (1990:782), RA-FS 2021:6)",
            setting="retention.notices_days",
            due=tasks.due,
            dispose=tasks.dispose,
        )
