from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "samverkan.foundation.audit"
    label = "audit"

    def ready(self) -> None:
        from .. import access, registries
        from ..web import conflict
        from . import policy, selectors
        from .triggers import after_migrate

        access.register(policy.PERMISSIONS)
        conflict.told_by(selectors.last_change)
        registries.navigation.add(
            "audit", _("Change log"), "audit_log", {"dpo", "auditor", "administrator"}, _("Supervision"), 80
        )
        registries.start_pages.add("dpo", "audit_log")
        registries.overview.add("audit", 80, selectors.tell)
        # The last installed app that has migrations: by then every table exists.
        from django.apps import apps

        last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
        post_migrate.connect(after_migrate, sender=last, dispatch_uid="audit.triggers")
