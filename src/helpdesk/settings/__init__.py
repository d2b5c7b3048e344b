"""The service's settings: read once, from the environment, checked whole, handed down as one frozen struct."""

from helpdesk.settings.read import SettingsError, check_channels, read
from helpdesk.settings.shape import ROLES, Secret, Settings

__all__ = ["ROLES", "Secret", "Settings", "SettingsError", "check_channels", "read"]
