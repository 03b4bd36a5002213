import importlib

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "examhall.site"
    label = "house"

    def ready(self) -> None:
        # jobs and reactions need the tables, which Django has not read when this module is imported
        importlib.import_module("examhall.site.start").start()
