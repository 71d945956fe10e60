from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "samverkan.site"
    label = "samverkan_site"

    def ready(self) -> None:
        from . import demo, roles

        roles.ready()
        demo.ready()
