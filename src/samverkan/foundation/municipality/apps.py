from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MunicipalityConfig(AppConfig):
    name = "samverkan.foundation.municipality"
    label = "municipality"

    def ready(self) -> None:
        from .. import access, registries
        from . import policy, selectors
        from .settings import declare, group

        access.register(policy.PERMISSIONS)
        group("retention", _("How long things are kept"), order=40)
        group("geo", _("The map"), order=60)
        declare(
            "geo.epsg",
            int,
            3006,
            _("The metric coordinate system, chosen when the installation is created."),
            name=_("Coordinate system (EPSG)"),
            needs=None,
        )
        registries.navigation.add("settings", _("Settings"), "settings", {"administrator"}, _("Operations"), 82)
        registries.navigation.add("settings_more", _("Settings"), "settings", {"dpo", "auditor"}, _("More"), 95)
        registries.search_entries.add("setting", selectors.search, label=_("Settings"), order=85)
