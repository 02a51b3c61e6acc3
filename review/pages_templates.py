"""Templates to HTML: everything escaped, in the language of the reader."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from review import pages_words
from review.pages_people import Viewer

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
LANGUAGE_COOKIE = "gouji_language"


@functools.cache
def load_templates() -> Environment:
    """The templates; a name that is not given is an error, and every value is escaped."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = show_number
    environment.filters["moment"] = show_moment
    environment.filters["percent"] = lambda share: f"{100 * share:.1f} %"
    return environment


def render(request: Request, template: str, viewer: Viewer | None, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page for a viewer; `values` are what its template needs."""
    language = find_language(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    context = {
        "viewer": viewer,
        "csrf": viewer.csrf if viewer else "",
        "language": language,
        "say": _make_say(language),
        "word": lambda words, code: pages_words.find_word(getattr(pages_words, words), code, language),
        "told": lambda text: pages_words.pick_language(text, language),
        "name_form": lambda form: pages_words.name_form(form, language),
        "name_form_short": lambda form: pages_words.name_form_short(form, language),
        "static": name_static,
        "switch": lambda code: f"/language/{code}?next={quote(here, safe='')}",
        "here": "",
    }
    return HTMLResponse(load_templates().get_template(template).render(context | values), status_code=status)


def find_language(request: Request) -> str:
    """The language that a reader chose, else the first one known that the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in pages_words.LANGUAGES:
        return chosen
    for wanted in request.headers.get("accept-language", "").split(","):
        code = wanted.split(";")[0].strip()[:2].lower()
        if code in pages_words.LANGUAGES:
            return code
    return pages_words.DEFAULT_LANGUAGE


def _make_say(language: str) -> Callable[[str, str], str]:
    return lambda zh, en: zh if language == "zh" else en


@functools.cache
def name_static(name: str) -> str:
    """The address of a static file, new whenever the file is."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def show_moment(at: datetime) -> Markup:
    """A time in UTC; the script of the pages turns it to that of the reader."""
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}">{} UTC</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%Y-%m-%d %H:%M}")


def show_number(value: Decimal | float | None) -> str:
    """A number as people write it, without an exponent; nothing for None."""
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else f"{value:g}"
