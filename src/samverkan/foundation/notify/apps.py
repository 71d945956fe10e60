from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "samverkan.foundation.notify"
    label = "notify"
