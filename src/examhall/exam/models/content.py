"""Items, their keys in a table of their own, assessments and their versions."""

from django.db import models

from examhall.base.ids import new_id
from examhall.base.words import InteractionKind


class Item(models.Model):
    """A thing of the library; its versions hold the content."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    identifier = models.CharField(max_length=64)
    """The library item id people see (R-4.11)."""
    title = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "identifier"], name="exam_item_identifier_once")]


class ItemVersion(models.Model):
    """Immutable content as a candidate may see it: QTI 3 XML that holds no key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=[(k.value, k.value) for k in InteractionKind])
    public_xml = models.TextField()
    max_score = models.FloatField(default=1.0)
    review_reason = models.CharField(max_length=500, blank=True, default="")
    """Why the item needs a person's look before it can be used; empty when it does not."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="exam_item_version_once")]


class ItemKey(models.Model):
    """The answer key, split off at import. Read by scoring alone."""

    version = models.OneToOneField(ItemVersion, on_delete=models.PROTECT, related_name="key", primary_key=True)
    content = models.JSONField()
    source_xml = models.TextField(default="")
    """The item as it came, key included; for export and for looking at what needs review."""


class ProfileVersion(models.Model):
    """One saved state of the site's proctoring profile; immutable. Schedules activated later use it (R-0.9)."""

    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    """Policy values it sets (key → value); whatever is not set keeps the built-in default."""
    comment = models.CharField(max_length=500, blank=True, default="")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "number"], name="exam_profile_version_once")]


class ProctoringActivation(models.Model):
    """That proctoring was activated for the site, on what basis, and who answers for it (R-0.2)."""

    unit = models.OneToOneField("people.Unit", on_delete=models.PROTECT, related_name="+", primary_key=True)
    legal_basis = models.TextField()
    contact = models.CharField(max_length=200)
    by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    """None: on the server itself."""
    at = models.DateTimeField()


class Assessment(models.Model):
    """An authored exam; its versions hold the options."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=32)
    title = models.CharField(max_length=300)
    owner = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    row_version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "code"], name="exam_assessment_code_once")]


class AssessmentVersion(models.Model):
    """Draft until it goes live, then immutable."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    live = models.BooleanField(default=False)
    duration_min = models.PositiveIntegerField(default=60)
    attempts_allowed = models.PositiveIntegerField(default=1)
    use_proctoring = models.BooleanField(default=False)
    shuffle_items = models.BooleanField(default=False)
    profile = models.JSONField(default=dict)
    """Policy values this assessment sets (key → value); resolved at activation."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="exam_assessment_version_once"),
            models.CheckConstraint(
                condition=models.Q(use_proctoring=False) | models.Q(duration_min__lte=480),
                name="exam_proctored_at_most_480_min",
            ),
        ]


class VersionItem(models.Model):
    """One question of an assessment version, in order."""

    version = models.ForeignKey(AssessmentVersion, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    item_version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="exam_version_item_position_once"),
            models.UniqueConstraint(fields=["version", "item_version"], name="exam_version_item_once"),
        ]
