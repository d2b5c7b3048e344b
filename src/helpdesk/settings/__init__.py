"""The service's settings: read once, from the environment, checked whole, handed down as one frozen struct."""

from helpdesk.settings.read import OWN, SettingsError, check_channels, read
from helpdesk.settings.shape import ROLES, Secret, Settings

__all__ = ["OWN", "ROLES", "Secret", "Settings", "SettingsError", "check_channels", "read"]
