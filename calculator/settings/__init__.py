"""The settings: their descriptions, their form in a link, the shelf and the worked examples."""

from calculator.settings.fields import Field
from calculator.settings.settings import FIELD, FIELDS, Settings

__all__ = ["FIELD", "FIELDS", "Field", "Settings"]
