from django.apps import AppConfig


class PostgresConfig(AppConfig):
    name = "samverkan.foundation.postgres"
    label = "pg"
