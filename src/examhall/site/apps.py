import importlib

from django import forms
from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "examhall.site"
    label = "house"

    def ready(self) -> None:
        # beside a field's name it says what to do; Django's own words say only that something is wrong
        forms.Field.default_error_messages["required"] = "Fill this in."
        # jobs and reactions need the tables, which Django has not read when this module is imported
        importlib.import_module("examhall.site.start").start()
