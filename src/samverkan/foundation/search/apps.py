from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "samverkan.foundation.search"
    label = "search"
