"""Users, the tree of organisation units, roles and memberships (product.md §2.2)."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from tree_queries.models import TreeNode

from examhall.base.ids import new_id


class User(AbstractUser):
    """One person. May be staff and candidate, but never both on one schedule."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    student_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    zone = models.CharField(max_length=64, blank=True, default="")
    theme = models.CharField(max_length=8, blank=True, default="")
    first_name = None  # type: ignore[assignment] # one field for a name: not everybody has two
    last_name = None  # type: ignore[assignment]

    REQUIRED_FIELDS = ["name", "email"]

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class Unit(TreeNode):  # type: ignore[misc] # django-tree-queries is untyped
    """A node of the organisation tree; the root is the site."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=32, unique=True)
    zone = models.CharField(max_length=64, default="UTC")

    class Meta:
        ordering = ["name"]


class Role(models.Model):
    """A named set of permissions (base.words.Permission values)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    permissions = models.JSONField(default=list)


class Membership(models.Model):
    """Grants a role on a unit and everything below it (S1)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "unit", "role"], name="people_membership_once")]


class Site(models.Model):
    """The installation's own row: its journal and whether proctoring is active. There is exactly one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(max_length=200, default="Examhall")
    root = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    stream_id = models.UUIDField()
    """Journal of staff acts that belong to no schedule."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="people_site_is_one")]
