from django.apps import AppConfig


class RefsConfig(AppConfig):
    name = "samverkan.foundation.refs"
    label = "refs"
