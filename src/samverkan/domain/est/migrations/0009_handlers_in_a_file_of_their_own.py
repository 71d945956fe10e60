"""What waits in the queue for the handlers of reports finds them where they now stand."""

from django.db import migrations

ROOM = "samverkan.domain.est.reporting"
NAMES = {
    f"{ROOM}.tasks.forget_places": f"{ROOM}.handlers.forget_places",
    f"{ROOM}.tasks.forget_place": f"{ROOM}.handlers.forget_place",
    f"{ROOM}.retention.forget_words": f"{ROOM}.handlers.forget_words",
}


def rename(names):
    """Sort of jobs: events.handle, whose argument names the handler."""

    def run(apps, schema_editor):
        for before, after in names.items():
            schema_editor.execute(
                "UPDATE procrastinate_jobs SET args = jsonb_set(args, '{handler}', to_jsonb(%s::text))"
                " WHERE task_name = 'events.handle' AND args ->> 'handler' = %s AND status = 'todo'",
                [after, before],
            )

    return run


class Migration(migrations.Migration):
    dependencies = [("est", "0008_priority_public_id"), ("procrastinate", "__first__")]

    operations = [
        migrations.RunPython(rename(NAMES), rename({after: before for before, after in NAMES.items()})),
    ]
