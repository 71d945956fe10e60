from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "samverkan.site"
    label = "samverkan_site"
