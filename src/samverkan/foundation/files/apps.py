from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "samverkan.foundation.files"
    label = "files"
