"""The service as one application: pages, JSON API, access, health and measures over one store."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from models.trained import TRAINED_FOLDER
from review import pages, pages_answers
from review.pages_figures import KeptCount
from review.pages_people import Reader, StoreIn
from review.pages_templates import STATIC, find_language, render
from review.pages_words import pick_language
from review.store import progress, uploads
from review.store.database import Store, StoreAway, check_store
from service import api_account_pages, api_pages, api_people_routes, api_routes
from service.access import Gate, Refused
from service.api_guard import Guard
from service.api_intake import open_reader
from service.api_metrics import Measures, make_logger
from service.api_models import Health
from service.api_routes import FAULTS
from service.api_settings import ServiceSettings
from service.api_worker import read_uploads

TEXT = "text/plain; version=0.0.4; charset=utf-8"
PUBLIC = frozenset({"/health", "/login", "/language/{code}", "/static"})  # all other routes need a role
service_routes = APIRouter()


def create_app(store: Store, settings: ServiceSettings, *, models: Path | None = None) -> FastAPI:
    """The application over an open store; its worker of uploads runs while it does.

    `models` is the folder of the models that uploads are read with, those that ship by default.
    """
    logger = make_logger()
    measures = Measures(lambda: count_waiting(store))
    app = FastAPI(
        title="Gouji",
        version="1",
        summary="Annual reports on government information disclosure, read into the cells of their tables.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_make_lifespan(settings, _make_worker(store, settings, measures, logger, models)),
    )

    def record(method: str, route: str, status: int, seconds: float) -> None:
        measures.count_request(method, route, status, seconds)
        logger.info("request", method=method, route=route, status=status, milliseconds=round(1000 * seconds, 1))

    app.state.store, app.state.settings, app.state.access = store, settings, Gate(store, settings)
    for part in (api_routes, api_people_routes, api_pages, api_account_pages, pages_answers, pages):
        app.include_router(part.router)
    app.state.measures, app.state.models = measures, models or TRAINED_FOLDER
    app.state.waiting = KeptCount(lambda: progress.count_open(store))
    app.include_router(service_routes)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_refusals(app)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.allowed_hosts)
    app.add_middleware(
        Guard,
        record=record,
        request_limit=settings.request_limit,
        upload_limit=settings.max_upload_bytes,
        secure=settings.secure_cookies,
    )
    return app


def count_waiting(store: Store) -> dict[str, float]:
    """What Prometheus is told of the queues, counted when it asks."""
    queue = progress.count_queue(store)
    return {
        "questions_open": queue.open,
        "questions_leased": queue.leased,
        "questions_disputed": queue.disputed,
        "uploads_waiting": uploads.count_waiting(store),
    }


def _make_worker(
    store: Store, settings: ServiceSettings, measures: Measures, logger: Any, models: Path | None
) -> Callable[[threading.Event], None]:
    return partial(
        read_uploads,
        store,
        open_child=partial(open_reader, time_limit=settings.time_limit, models=models),
        record=measures.count_upload,
        logger=logger,
        lease=settings.upload_lease,
    )


def _make_lifespan(settings: ServiceSettings, work: Callable[[threading.Event], None]) -> Any:
    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        worker = threading.Thread(target=work, args=(stop,), daemon=True, name="uploads")
        if settings.read_uploads:
            worker.start()
        yield
        stop.set()
        if worker.is_alive():
            worker.join(timeout=10)

    return run


@service_routes.get("/health", tags=["service"], responses={503: {"model": Health, "description": "the store is away"}})
def show_health(store: StoreIn) -> Health:
    """Whether the service can work; 503 where its store is away."""
    check_store(store)
    return Health(status="ok", store="ok")


@service_routes.get("/metrics", tags=["service"], responses=FAULTS, response_class=PlainTextResponse)
def show_measures(request: Request, viewer: Reader) -> Response:
    """Measures in the text format of Prometheus."""
    return Response(request.app.state.measures.print_text(), media_type=TEXT)


@service_routes.get("/openapi.json", include_in_schema=False)
def show_schema(request: Request, viewer: Reader) -> dict[str, Any]:
    """The OpenAPI of the JSON API."""
    return make_schema(request.app)


@service_routes.get("/api", include_in_schema=False)
def show_api(request: Request, viewer: Reader) -> Response:
    """The routes of the JSON API with what they do."""
    routes = [
        (method.upper(), path, entry.get("description") or entry.get("summary", ""))
        for path, methods in make_schema(request.app)["paths"].items()
        for method, entry in methods.items()
    ]
    return render(request, "api.html", viewer, routes=routes)


def make_schema(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI of the JSON API, with how to log in."""
    schema = app.openapi()
    schema.setdefault("components", {})["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token."},
        "session": {"type": "apiKey", "in": "cookie", "name": "gouji_session"},
    }
    schema["security"] = [{"token": []}, {"session": []}]
    if "/health" in schema["paths"]:
        schema["paths"]["/health"]["get"]["security"] = []
    return schema


def add_refusals(app: FastAPI) -> None:
    """How refusals are told: to people as a page, to programs and scripts as JSON."""

    @app.exception_handler(Refused)
    def tell_refused(request: Request, refused: Refused) -> Response:
        if wants_page(request):
            if refused.status == 401:
                here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(f"/login?next={quote(here, safe='')}", 303)
            return tell_person(request, refused.status, refused.message)
        headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else None
        return JSONResponse({"detail": choose_words(request, refused.message)}, refused.status, headers=headers)

    @app.exception_handler(StoreAway)
    def tell_away(request: Request, error: StoreAway) -> Response:
        if wants_page(request):
            return tell_person(request, 503, "数据库暂时连不上，请稍后再试 / the store is away, try again soon")
        state = Health(status="unavailable", store="away").model_dump()
        body = state if request.url.path == "/health" else {"detail": "the store is away"}
        return JSONResponse(body, 503, headers={"Retry-After": "5"})

    @app.exception_handler(HTTPException)
    async def tell_fault(request: Request, error: HTTPException) -> Response:
        if wants_page(request):
            return tell_person(request, error.status_code, str(error.detail))
        error.detail = choose_words(request, str(error.detail))
        return await http_exception_handler(request, error)

    @app.exception_handler(RequestValidationError)
    async def tell_invalid(request: Request, error: RequestValidationError) -> Response:
        if wants_page(request):
            return tell_person(request, 422, "地址中的参数不对 / a part of the address is not valid")
        return await request_validation_exception_handler(request, error)


def choose_words(request: Request, text: str) -> str:
    """A text in both languages in that of the reader; programs are told in English."""
    return pick_language(text, "en" if request.url.path.startswith("/api/") else find_language(request))


def tell_person(request: Request, status: int, text: str) -> Response:
    """A page that says what is wrong."""
    zh = find_language(request) == "zh"
    titles = {
        403: ("没有权限", "Not allowed"),
        404: ("没有这个页面", "Not found"),
        503: ("暂时不可用", "Not available now"),
    }
    title = titles.get(status, ("请求有误", "Something is wrong"))[0 if zh else 1]
    viewer = getattr(request.state, "viewer", None)
    words = "" if text == HTTPStatus(status).phrase else choose_words(request, text)
    return render(request, "message.html", viewer, status=status, title=title, text=words)


def wants_page(request: Request) -> bool:
    """Whether a person waits for a page, not a program for data."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")
