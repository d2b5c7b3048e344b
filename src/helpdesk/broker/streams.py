"""The streams and consumers, made when they are missing: after a wiped store everything starts from here."""

from nats.js import JetStreamContext, api
from nats.js.errors import APIError, BadRequestError, NotFoundError

from helpdesk.contracts.events import EVENTS_SUBJECTS
from helpdesk.kernel.instants import from_datetime

EVENTS = "HD_EVENTS"
WORK = "HD_WORK"
WORK_PREFIX = "hdwork.v1"

DAY_SECONDS = 86_400.0
DUPLICATES_SECONDS = 120.0
"""How long JetStream remembers a ``Nats-Msg-Id``."""
ACK_WAIT_SECONDS = 5.0
"""A wake-up that nobody confirmed comes again after this. Repeats are harmless: the database decides who sends."""
WORK_AGE_SECONDS = 600.0
"""Wake-ups older than this are worthless: their rows were published again long ago."""


class Incarnation:
    """One life of a stream: when it was made, and up to where it has stored. Wiping it begins another."""

    __slots__ = ("born", "last_seq")

    def __init__(self, born: int, last_seq: int) -> None:
        self.born = born
        """When the stream was made, microseconds by the broker's clock; compared for equality only."""
        self.last_seq = last_seq

    def __repr__(self) -> str:
        return f"Incarnation({self.born}, {self.last_seq})"

    def place(self, seq: int) -> str:
        """Return the name of a stored message; names of one incarnation sort by their sequence."""
        return f"{self.prefix}{seq:020d}"

    @property
    def prefix(self) -> str:
        """What the names of all messages of this incarnation begin with."""
        return f"{self.born:020d}."

    @property
    def last_place(self) -> str:
        """The name of the last message stored."""
        return self.place(self.last_seq)


def events_config(
    *, replicas: int = 1, max_bytes: int = 512 << 20, max_age_seconds: float = 7 * DAY_SECONDS
) -> api.StreamConfig:
    """Return the configuration of the events' stream: kept by age; full means refused, never dropped."""
    return api.StreamConfig(
        name=EVENTS,
        description="Published events; the database's feed is their truth",
        subjects=[EVENTS_SUBJECTS],
        retention=api.RetentionPolicy.LIMITS,
        discard=api.DiscardPolicy.NEW,
        storage=api.StorageType.FILE,
        max_bytes=max_bytes,
        max_age=max_age_seconds,
        duplicate_window=DUPLICATES_SECONDS,
        num_replicas=replicas,
    )


def work_config(*, replicas: int = 1, max_bytes: int = 64 << 20) -> api.StreamConfig:
    """Return the configuration of the wake-ups' stream: one is gone once confirmed."""
    return api.StreamConfig(
        name=WORK,
        description="Wake-ups for the service's own workers",
        subjects=[f"{WORK_PREFIX}.>"],
        retention=api.RetentionPolicy.WORK_QUEUE,
        discard=api.DiscardPolicy.NEW,
        storage=api.StorageType.FILE,
        max_bytes=max_bytes,
        max_age=WORK_AGE_SECONDS,
        duplicate_window=DUPLICATES_SECONDS,
        num_replicas=replicas,
    )


def delivery_subject(destination: str) -> str:
    """Return the subject of a channel's wake-ups.

    Raises:
        ValueError: the channel's kind is not a word of letters, digits, ``_`` and ``-``.
    """
    if not destination.replace("_", "").replace("-", "").isalnum() or not destination.isascii():
        raise ValueError(f"{destination!r} cannot name a channel")
    return f"{WORK_PREFIX}.delivery.{destination}"


async def ensure_stream(js: JetStreamContext, config: api.StreamConfig) -> Incarnation:
    """Make the stream if it is missing, bring its settings up to date, and return which life of it this is.

    Raises:
        nats.errors.Error: the broker refuses or does not answer.
    """
    assert config.name is not None
    try:
        info = await js.stream_info(config.name)
    except NotFoundError:
        try:
            info = await js.add_stream(config)
        except BadRequestError:  # another instance made it meanwhile, with other settings
            info = await js.stream_info(config.name)
    if _differs(info.config, config):
        info = await js.update_stream(config)
    assert info.created is not None
    return Incarnation(from_datetime(info.created), info.state.last_seq)


def _differs(present: api.StreamConfig, wanted: api.StreamConfig) -> bool:
    fields = ("subjects", "discard", "max_bytes", "max_age", "duplicate_window", "num_replicas")
    return any(getattr(present, field) != getattr(wanted, field) for field in fields)


async def ensure_deliveries(js: JetStreamContext, destination: str) -> str:
    """Make the durable consumer of a channel's wake-ups if it is missing; return its name.

    Raises:
        nats.errors.Error: the broker refuses or does not answer.
    """
    name = f"deliveries_{destination}"
    try:
        await js.consumer_info(WORK, name)
    except NotFoundError:
        try:
            await js.add_consumer(
                WORK,
                api.ConsumerConfig(
                    name=name,
                    durable_name=name,
                    filter_subject=delivery_subject(destination),
                    ack_policy=api.AckPolicy.EXPLICIT,
                    ack_wait=ACK_WAIT_SECONDS,
                    max_deliver=-1,
                    max_ack_pending=1024,
                ),
            )
        except APIError:  # another instance made it meanwhile
            await js.consumer_info(WORK, name)
    return name
