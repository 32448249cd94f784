"""Structured logs and Prometheus metrics."""

import logging
import sys

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LATENCY_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
BATCH_ITEMS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def configure_logs(level: str) -> None:
    """Write every log line as one JSON object on standard error.

    Parameters
    ----------
    level : str
        Least severe level that is written: debug, info, warning or error.
    """
    # local variables stay out of the logs: they hold plates and parties
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                tracebacks,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=max(threshold, logging.WARNING), force=True)


class Metrics:
    """The counters of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "weir_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "weir_request_seconds",
            "Time from the first byte of a request to the last of its reply.",
            ("route",),
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )
        self.items = Counter(
            "weir_items_scored_total",
            "Items scored and stored.",
            ("mode", "degraded"),
            registry=self.registry,
        )
        self.batch = Histogram(
            "weir_batch_items",
            "Items that shared one history query and one commit.",
            buckets=BATCH_ITEMS,
            registry=self.registry,
        )
        self.degraded = Gauge(
            "weir_degraded", "1 while no valid bundle answers, rules only.", registry=self.registry
        )
        self.store_failures = Counter(
            "weir_store_failures_total",
            "Requests refused because the store could not be read or written.",
            registry=self.registry,
        )
