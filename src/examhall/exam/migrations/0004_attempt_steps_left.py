from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exam", "0003_profiles_and_sources")]

    operations = [
        migrations.AddField(model_name="attempt", name="steps_left", field=models.JSONField(default=list)),
    ]
