"""What the service loads: the carrier of letters by SMS."""

from helpdesk.contracts.carriers import Carrier
from helpdesk.contracts.hookspecs import hookimpl
from helpdesk_notifier_sms.carrier import SmsCarrier


@hookimpl
def register_carrier() -> Carrier:
    """Add the carrier ``sms``."""
    return SmsCarrier()
