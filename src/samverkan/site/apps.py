from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "samverkan.site"
    label = "samverkan_site"

    def ready(self) -> None:
        from samverkan.foundation import registries

        registries.start_pages.add("desk", "contact_centre")
        registries.navigation.add(
            "contact_centre", _("Look up and refer"), "contact_centre", {"desk"}, _("Contact centre"), 5
        )
