from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "samverkan.foundation.search"
    label = "search"

    def ready(self) -> None:
        from samverkan.foundation import registries

        from . import pages

        registries.search_entries.add("page", pages, label=_("Pages"), order=90)
