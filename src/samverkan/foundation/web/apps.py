from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "samverkan.foundation.web"
    label = "web"
