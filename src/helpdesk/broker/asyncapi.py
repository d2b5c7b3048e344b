"""The AsyncAPI 3 description of what is published, made from the contracts themselves."""

import json
import sys
from typing import Any

import msgspec

from helpdesk.broker.streams import DUPLICATES_SECONDS, EVENTS
from helpdesk.contracts.event_data import EVENT_DATA
from helpdesk.contracts.events import (
    ANNOUNCEMENT_WITHDRAWN,
    EDITION_PUBLISHED,
    REVIEW_OVERDUE,
    VERSION,
    Published,
    Thing,
    event_type,
)
from helpdesk.contracts.log import Happened


def asyncapi() -> dict[str, Any]:
    """Return the document, ready for JSON."""
    (_, components) = msgspec.json.schema_components([Published], ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Helpdesk events",
            "version": f"{VERSION}.0.0",
            "description": (
                f"Events of all tenants, kept by the JetStream stream {EVENTS}. At least once, with the event's id as "
                f"Nats-Msg-Id (repeats within {DUPLICATES_SECONDS:g} s are stored once). Per ticket, seq is the order. "
                "After the stream was lost, recent events are published again under the same ids; the HTTP feed has "
                "all of them. No event holds a message's body, subject or attachment. What happens in a company's "
                "shadow mode is not published here: the feed shows it, marked, to who asks for it. Events of "
                "confidential companies hold no personal data; those of others may: `x-data` says which keys of "
                "`data` are plain (codes, numbers, ids) and which may be personal (names, addresses, people's words)."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": f"hd.v{VERSION}.{{tenant}}.{{thing}}.{{event}}",
                "parameters": {
                    "tenant": {"description": "The tenant's id, a UUID."},
                    "thing": {"description": "What the event is about.", "enum": [thing.value for thing in Thing]},
                    "event": {
                        "description": "What happened to it.",
                        "enum": [
                            *(event.value for event in Happened),
                            *(
                                each.partition(".")[2]
                                for each in (EDITION_PUBLISHED, ANNOUNCEMENT_WITHDRAWN, REVIEW_OVERDUE)
                            ),
                        ],
                    },
                },
                "messages": {"published": {"$ref": "#/components/messages/published"}},
            }
        },
        "operations": {
            "publish": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "messages": [{"$ref": "#/channels/events/messages/published"}],
            }
        },
        "components": {
            "messages": {
                "published": {
                    "name": "Published",
                    "title": "One event",
                    "headers": {
                        "type": "object",
                        "properties": {
                            "Nats-Msg-Id": {"type": "string", "format": "uuid", "description": "The event's id."}
                        },
                        "required": ["Nats-Msg-Id"],
                    },
                    "payload": {"$ref": "#/components/schemas/Published"},
                    "x-data": {
                        event_type(what): {"plain": [*holds.plain], "personal": [*holds.personal]}
                        for what, holds in EVENT_DATA.items()
                    },
                }
            },
            "schemas": components,
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncapi(), ensure_ascii=False, indent=2) + "\n")
