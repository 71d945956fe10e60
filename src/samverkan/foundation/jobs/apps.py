from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "samverkan.foundation.jobs"
    label = "jobs"
