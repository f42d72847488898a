"""Every setting described once; settings ⇄ link; the shelf; worked examples."""

from calculator.settings.fields import Field
from calculator.settings.settings import FIELD, FIELDS, Settings

__all__ = ["FIELD", "FIELDS", "Field", "Settings"]
