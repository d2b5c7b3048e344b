"""What `/metrics` shows: requests as they are answered, and the desk's stock as the database has it."""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from helpdesk.kernel.instants import SECOND
from helpdesk.queries.records.stock import Stock

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The metrics of one running service; each application has its own, so that tests may have many."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "helpdesk_http_requests",
            "Requests answered, by route template and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "helpdesk_http_request_seconds",
            "Seconds until the answer was complete",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._in_flight = self._gauge("http_requests_in_flight", "Requests being answered")
        self._tickets = self._gauge("tickets", "Tickets, by state", "state")
        self._ledger = self._gauge("ledger_entries", "Everything received, by what became of it", "outcome")
        self._outbox = self._gauge("outbox_rows", "Events and deliveries owed to the outside, by state", "state")
        self._in_shadow = self._gauge("tenants_in_shadow", "Companies in shadow mode: nothing of theirs leaves")
        self._timers = self._gauge("timers_pending", "Moments at which the service must act")
        self._late = self._gauge("timers_late_seconds", "How long the most overdue timer has waited")
        self._standing = self._gauge("plugin_standing_seconds", "How long a plugin's code has stood still", "plugin")

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def follow_in_flight(self, read: Callable[[], float]) -> None:
        """Show what ``read`` returns as the number of requests in flight."""
        self._in_flight.set_function(read)

    def set_stock(self, stock: Stock) -> None:
        """Replace the gauges of the stock."""
        for gauge, counts in (
            (self._tickets, stock.tickets),
            (self._ledger, stock.ledger),
            (self._outbox, stock.outbox),
        ):
            gauge.clear()
            for label, count in counts.items():
                gauge.labels(label).set(count)
        self._in_shadow.set(stock.in_shadow)
        self._timers.set(stock.timers_pending)
        self._late.set(stock.timers_late_us / SECOND)

    def set_standing(self, standing: Mapping[str, float]) -> None:
        """Replace the gauge of plugins whose code stands still: seconds by the plugins' names."""
        self._standing.clear()
        for plugin, seconds in standing.items():
            self._standing.labels(plugin).set(seconds)

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"helpdesk_{name}", text, labels, registry=self.registry)
