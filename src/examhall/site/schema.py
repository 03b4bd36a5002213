"""Bringing the database up to date, and saying what to do when it was made by a version we cannot follow."""

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory

from examhall.base.errors import Conflict
from examhall.base.settings import settings


def bring_up_to_date(*, verbosity: int = 0) -> None:
    """Run the migrations. Raises Conflict, with the way out, for a database that they do not fit."""
    try:
        call_command("migrate", verbosity=verbosity, interactive=False)
    except (DatabaseError, InconsistentMigrationHistory) as fault:
        raise _foreign(str(fault).strip()) from fault
    if absent := absent_columns():
        raise _foreign(f"it lacks {', '.join(absent[:5])}")


def absent_columns() -> list[str]:
    """`table.column` of everything the models ask for and the database does not have."""
    with connection.cursor() as cursor:
        there = {
            f"{table.name}.{column.name}"
            for table in connection.introspection.get_table_list(cursor)
            for column in connection.introspection.get_table_description(cursor, table.name)
        }
    asked = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        if model._meta.managed
        for field in model._meta.local_concrete_fields
    }
    return sorted(asked - there)


def _foreign(why: str) -> Conflict:
    var_dir = settings().var_dir
    return Conflict(
        f"The database {_place()} was made by another version of Examhall ({why}). Nothing was removed. To begin anew, "
        f"move {var_dir} away (mv {var_dir} {var_dir}.old), or set `var_dir` or `database_url` to another place, and "
        "run this again. To keep its data, run the version that made it.",
        fields={"database_url": "another place"},
    )


def _place() -> str:
    return str(connection.settings_dict["NAME"])
