"""The AsyncAPI 3 description of what is published, made from the contracts themselves."""

import json
import sys
from typing import Any

import msgspec

from helpdesk.broker.streams import DUPLICATES_SECONDS, EVENTS
from helpdesk.contracts.events import EDITION_PUBLISHED, VERSION, Published, Thing
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
                "all of them."
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
                        "enum": [*(event.value for event in Happened), EDITION_PUBLISHED.partition(".")[2]],
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
                }
            },
            "schemas": components,
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncapi(), ensure_ascii=False, indent=2) + "\n")
