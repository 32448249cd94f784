"""The composition root: puts a server together from its settings."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any

import structlog
from fastapi import FastAPI
from threadpoolctl import threadpool_limits

from features.errors import WeirError
from models.loaded import Loaded
from service.accepting import Answer, Desk, Request
from service.acting import MOST_TRIES, Acting
from service.api import (
    audit,
    decide,
    evidence,
    health,
    inspections,
    items,
    models,
    performance,
    queue,
    rules,
    score,
    shifts,
    watches,
)
from service.api.edge import Edge
from service.api.openapi import describe
from service.api.problems import handle_errors
from service.api.runtime import Runtime
from service.audit.notary import Notary
from service.auth import KnownCallers
from service.batching import Batcher
from service.challenger import Challenger, load_candidate
from service.champion import Champion, load_champion
from service.clock import Clock, now
from service.hardening import refuse_pickles
from service.intake import take_in_durably
from service.limits import Limits
from service.opening import open_store
from service.previewing import Previewer
from service.ruling import RuleKeeper
from service.settings import Settings, load_settings
from service.store.engine import Store, StoreConflict, StoreUnavailable
from service.store.probe import Writes
from service.store.recent import Recent
from service.store.tokens import Tokens, claim_token_key
from service.telemetry import Metrics, configure_logs
from service.web.pages import add_pages


def open_runtime(
    settings: Settings,
    *,
    store: Store | None = None,
    clock: Clock = now,
    champion: Champion | None = None,
    challenger: Challenger | None = None,
) -> Runtime:
    """Put the parts of a server together; nothing runs yet.

    Parameters
    ----------
    settings : Settings
        What the operator set.
    store : Store, optional
        The store, open already.
    clock : callable, optional
        Tells the time.
    champion : Champion, optional
        The model in use; by default what the store's pointer names.
    challenger : Challenger, optional
        The model in shadow; by default what the store's pointer names.

    Returns
    -------
    Runtime
        The parts.

    Raises
    ------
    WeirError
        If the store cannot be used with these settings.
    """
    store = store or open_store(settings)[0]
    tokens = Tokens(settings.secret.get_secret_value())
    with store.write() as connection:
        token_key = claim_token_key(connection, tokens, clock())
    loaded = Loaded()
    keeper = champion or Champion(store, partial(load_champion, settings.state_dir, loaded=loaded))
    shadow = challenger or Challenger(
        store, partial(load_candidate, settings.state_dir, loaded), clock
    )
    keeping = RuleKeeper(store, clock)
    desk = Desk(
        tokens,
        token_key,
        settings.lane_window,
        settings.retention,
        lambda: keeper.in_use,
        lambda: keeping.book,
        lambda: shadow.model,
        Recent(),
    )
    metrics, writes = Metrics(), Writes()

    def run(requests: Sequence[Request]) -> Sequence[list[Answer] | WeirError]:
        try:
            answers = _run(requests, store, clock, desk, metrics)
        except StoreUnavailable:
            writes.failing = True
            raise
        writes.failing = False
        return answers

    batcher: Batcher[Request, list[Answer]] = Batcher(run, settings.max_waiting_items)
    return Runtime(
        settings=settings,
        clock=clock,
        store=store,
        metrics=metrics,
        champion=keeper,
        rules=keeping,
        previewer=Previewer(store, tokens),
        challenger=shadow,
        loaded=loaded,
        desk=desk,
        batcher=batcher,
        writes=writes,
        recording=Acting(store, clock, writes),
        acting=Acting(store, clock, writes),
        limits=Limits(),
        notary=Notary(settings.state_dir),
        known_callers=KnownCallers(),
    )


def _run(
    requests: Sequence[Request], store: Store, clock: Clock, desk: Desk, metrics: Metrics
) -> Sequence[list[Answer] | WeirError]:
    """Take in the requests of one micro-batch."""
    for _ in range(MOST_TRIES - 1):
        try:
            answers = take_in_durably(store, requests, clock(), desk)
        except StoreConflict as lost:
            structlog.get_logger().warning("store_conflict", detail=lost.detail)
        else:
            break
    else:
        answers = take_in_durably(store, requests, clock(), desk)
    _count(requests, answers, metrics)
    return answers


def _count(
    requests: Sequence[Request], answers: Sequence[list[Answer] | WeirError], metrics: Metrics
) -> None:
    metrics.batch.observe(sum(len(request.items) for request in requests))
    scored = Counter(
        (item.mode, str(answer["degraded"]).lower())
        for request, given in zip(requests, answers, strict=True)
        if isinstance(given, list)
        for item, answer in zip(request.items, given, strict=True)
    )
    for labels, n_items in scored.items():
        metrics.items.labels(*labels).inc(n_items)


def create_app(runtime: Runtime) -> FastAPI:
    """Make the application of a server.

    Parameters
    ----------
    runtime : Runtime
        Its parts; they start with the application and stop with it.

    Returns
    -------
    fastapi.FastAPI
        An application that any ASGI server can run.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        runtime.champion.refresh()
        runtime.champion.watch(runtime.settings.champion_poll_seconds, runtime.challenger.refresh)
        runtime.rules.refresh()
        runtime.rules.watch(runtime.settings.champion_poll_seconds)
        runtime.batcher.start()
        runtime.recording.start()
        runtime.acting.start()
        runtime.notary.watch(runtime.store, runtime.clock, runtime.settings.checkpoint_seconds)
        # a second thread that waits for the sums of a micro-batch burns as much CPU as all else
        with threadpool_limits(1, "blas"):
            yield
        runtime.batcher.close()
        runtime.recording.close()
        runtime.acting.close()
        runtime.notary.close()
        runtime.notary.sign_or_log(runtime.store, runtime.clock())
        runtime.champion.close()
        runtime.rules.close()
        runtime.store.close()

    app = FastAPI(
        title="Weir",
        version="1",
        description="Ranks what is about to leave by the risk that it carries firearms.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.runtime = runtime
    for module in (
        *(health, score, decide, queue, items, inspections, evidence),
        *(shifts, performance, models, rules, watches, audit),
    ):
        app.include_router(module.router)
    add_pages(app)
    handle_errors(app)
    app.add_middleware(Edge, metrics=runtime.metrics)
    # FastAPI's documented way
    app.openapi = cache(partial(describe, app))  # type: ignore[method-assign]
    return app


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the protocol of module attributes
    """Make `service.app:app` when a server asks for it, from the environment's settings."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    settings = load_settings()
    configure_logs(settings.log_level)
    refuse_pickles()
    return create_app(open_runtime(settings))
