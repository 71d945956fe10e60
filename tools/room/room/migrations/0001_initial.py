import django.db.models.deletion
import samverkan.foundation.clock
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0005_roles_are_registered'),
    ]

    operations = [
        migrations.CreateModel(
            name='Newthing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('title', models.CharField(max_length=200, verbose_name='Heading')),
                ('state', models.CharField(choices=[('open', 'In progress'), ('closed', 'Closed')], default='open', max_length=10, verbose_name='State')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='Closed')),
                ('created_at', models.DateTimeField(default=samverkan.foundation.clock.now)),
                ('is_invented', models.BooleanField(default=False)),
                ('version', models.PositiveIntegerField(default=1)),
                ('controller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
            options={
                'verbose_name': 'Newthing',
                'constraints': [models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), ('state', 'closed'), _connector='OR'), name='newthing_closed_when_closed')],
            },
        ),
    ]
