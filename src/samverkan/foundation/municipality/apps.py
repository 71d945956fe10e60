from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MunicipalityConfig(AppConfig):
    name = "samverkan.foundation.municipality"
    label = "municipality"

    def ready(self) -> None:
        from .. import access, registries
        from . import declarations, policy, selectors  # noqa: F401 (the settings of the house itself)

        access.register(policy.PERMISSIONS)
        registries.navigation.add("settings", _("Settings"), "settings", {"administrator"}, _("Operations"), 82)
        registries.navigation.add("settings_more", _("Settings"), "settings", {"dpo", "auditor"}, _("More"), 95)
        registries.search_entries.add("setting", selectors.search, label=_("Settings"), order=85)
