from django.apps import AppConfig


class CheckinConfig(AppConfig):
    name = "examhall.checkin"
    label = "checkin"
    default_auto_field = "django.db.models.BigAutoField"
