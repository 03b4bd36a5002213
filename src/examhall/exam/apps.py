from django.apps import AppConfig


class ExamConfig(AppConfig):
    name = "examhall.exam"
    label = "exam"
    default_auto_field = "django.db.models.BigAutoField"
