"""The application: every page under one roof, and what happens to a request on its way to one.

A request is turned into what pages are given (`Asked`); its page runs in a worker thread, because
processes are synchronous. Whatever a page raises becomes a page: a refusal says code, reason and
remedy, a fault says that it is ours.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from twofold.access.openid import Provider
from twofold.access.secret import Secret
from twofold.access.sessions import Visitor, is_seen_long_ago, mark_seen, read_visitor
from twofold.jobs.reads import count_unseen
from twofold.journey.findings import Finding
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused
from twofold.web import home
from twofold.web.accountant import (
    adjustments,
    costs,
    estimates,
    finance_setup,
    inbox,
    invoices,
    journals,
    ledger,
    payments,
    periods,
    proposal_changes,
    proposal_preview,
    proposals,
    receivables,
    staging,
    year_end,
)
from twofold.web.answers import Answer, Download, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.everyone import (
    history,
    jobs,
    journey,
    openid,
    people,
    programs,
    sign_in,
    tokens,
)
from twofold.web.forms import FORM_BYTES_MAX, Form, read_form
from twofold.web.guard import SecurityHeaders, form_token, is_form_token, is_from_our_page
from twofold.web.integration import (
    alerts,
    change_sets,
    dual_write,
    health,
    reconciliation,
    table_maps,
)
from twofold.web.language import Speech, Unreadable, language_of
from twofold.web.manager.pages import PAGES as MANAGER_PAGES
from twofold.web.navigation import areas_of, companies_of
from twofold.web.rendering import asset, render

PAGES: Final[tuple[Page, ...]] = (
    *home.PAGES,
    *MANAGER_PAGES,
    *journey.PAGES,
    *history.PAGES,
    *jobs.PAGES,
    *dual_write.PAGES,
    *table_maps.PAGES,
    *change_sets.PAGES,
    *reconciliation.PAGES,
    *alerts.PAGES,
    *health.PAGES,
    *inbox.PAGES,
    *staging.PAGES,
    *journals.PAGES,
    *adjustments.PAGES,
    *costs.PAGES,
    *estimates.PAGES,
    *proposals.PAGES,
    *proposal_changes.PAGES,
    *proposal_preview.PAGES,
    *invoices.PAGES,
    *ledger.PAGES,
    *receivables.PAGES,
    *payments.PAGES,
    *periods.PAGES,
    *year_end.PAGES,
    *finance_setup.PAGES,
    *people.PAGES,
    *tokens.PAGES,
)
# What is open to people who are not signed in.
OPEN: Final[tuple[Page, ...]] = (*sign_in.PAGES, *openid.PAGES)
FORBIDDEN: Final = "ERR-U05"
UNREADABLE: Final = "ERR-U10"
TOO_LARGE: Final = "ERR-U21"
COMPANY: Final = "company"

# A twentieth larger than at the highest level, for a third of the time.
_COMPRESSION: Final = 4

NOBODY: Final = Visitor(0, "", "", "en", must_change_password=False, seen_at=None, roles=())

_log: Final = logging.getLogger("twofold.web")
_MEDIA: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
Endpoint = Callable[[Request], Awaitable[Response]]


def build(
    system: System,
    *,
    origin: str,
    examine: Callable[[], Sequence[Finding]] = lambda: (),
    provider: Provider | None = None,
) -> Starlette:
    """Put the application together; ``origin`` is how users reach it, as https://name:port.

    ``examine`` looks at what the program stands on, as `twofold doctor` does; ``provider`` is
    where people may sign in by OpenID Connect, and comes back to ``origin`` + openid.BACK.
    """
    site = _Site(system, origin.rstrip("/"), examine, provider)
    return Starlette(
        routes=[
            Route("/static/{version}/{name}", _static),
            *(
                Route(page.path, site.endpoint(page), methods=[page.method])
                for page in (*OPEN, *PAGES)
            ),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=[urlsplit(origin).hostname or ""]),
            Middleware(SecurityHeaders, is_https=site.is_https),
            Middleware(GZipMiddleware, minimum_size=500, compresslevel=_COMPRESSION),
        ],
        exception_handlers={404: site.missing, 405: site.missing},
    )


class _Site:
    """What all requests share: the books, and the address that users type."""

    def __init__(
        self,
        system: System,
        origin: str,
        examine: Callable[[], Sequence[Finding]],
        provider: Provider | None,
    ) -> None:
        self._system = system
        self._provider = provider
        self._examine = examine
        self._origin = origin
        self.is_https: Final = origin.startswith("https:")
        # Over TLS the cookie is bound to this very host.
        self._cookie: Final = "__Host-twofold" if self.is_https else "twofold"

    def endpoint(self, page: Page) -> Endpoint:
        """Make what answers the address of a page."""

        async def answer(request: Request) -> Response:
            if (secret := programs.token_of(request)) is not None:
                return await run_in_threadpool(self._for_program, page, request, secret)
            form = Form()
            if page.method == "POST" and (
                page.bytes_max <= FORM_BYTES_MAX
                or await run_in_threadpool(self._may_send, page, request)
            ):
                form = await read_form(request, page.bytes_max)
            return await run_in_threadpool(self._answer, page, request, form)

        return answer

    async def missing(self, request: Request, error: Exception) -> Response:
        """Answer for an address that is not there, or not there for who asks."""
        del error
        return await run_in_threadpool(self._missing, request)

    def _may_send(self, page: Page, request: Request) -> bool:
        """Tell whether who asks may send a file here; otherwise it is not even read."""
        visitor = self._visitor(Secret(request.cookies.get(self._cookie, "")))
        company = request.path_params.get(COMPANY, "")
        return (
            visitor is not None
            and is_from_our_page(request.headers, self._origin)
            and (page.permission is None or visitor.may(page.permission, company))
        )

    def _answer(self, page: Page, request: Request, form: Form) -> Response:
        token = Secret(request.cookies.get(self._cookie, ""))
        try:
            visitor = self._visitor(token)
            asked = self._asked(request, visitor or NOBODY, token, form)
            is_open = page in OPEN
            if visitor is None and not is_open:
                return _go(f"/sign-in?to={quote(_wanted(request))}")
            if visitor and visitor.must_change_password and not is_open:
                return _go("/password")
            too_large = Shown("refused.html", {"refusals": (refuse(TOO_LARGE, page.path),)}, 413)
            answer = too_large if form.is_too_large else self._guarded(page, request, asked)
            return self._response(answer, asked)
        except HTTPException:
            return self._missing(request)

    def _for_program(self, page: Page, request: Request, secret: Secret) -> Response:
        """Answer a program that shows a token: with a file, or with why not."""
        visitor = programs.enter(self._system, request, secret)
        if isinstance(visitor, Response):
            return visitor
        asked = self._asked(request, visitor, Secret(""), Form())
        return programs.why_not(request) or self._file(page, request, asked)

    def _file(self, page: Page, request: Request, asked: Asked) -> Response:
        try:
            answer = Shown("") if page in OPEN else self._guarded(page, request, asked)
        except HTTPException:
            answer = Shown("")
        if isinstance(answer, Download):
            return self._response(answer, asked)
        return programs.told(answer)

    def _guarded(self, page: Page, request: Request, asked: Asked) -> Answer:
        try:
            # First: of somebody who may not, a file is not read, and the form's token with it.
            _check(page, asked)
            if page.method == "POST" and not self._is_ours(request, asked):
                return Shown("stale.html", status=403)
            return _answered(page, asked)
        except Refused as refused:
            status = 403 if refused.codes == (FORBIDDEN,) else 422
            return Shown("refused.html", {"refusals": refused.refusals}, status=status)
        except HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, who asked gets a page
            _log.exception("fault at %s", page.path)
            is_known = isinstance(error, Fault)
            values = {"transient": is_known and error.transient}
            return Shown("fault.html", values, status=503 if is_known else 500)

    def _is_ours(self, request: Request, asked: Asked) -> bool:
        """Tell whether a form comes from a page of ours, and of this session if there is one."""
        is_signed = asked.visitor is NOBODY or is_form_token(asked.typed("token"), asked.token)
        return is_signed and is_from_our_page(request.headers, self._origin)

    def _visitor(self, token: Secret) -> Visitor | None:
        if not token.text:
            return None
        now = self._system.now()
        with self._system.access.reader() as reader:
            visitor = read_visitor(reader, token, at=now)
        if visitor and is_seen_long_ago(visitor, at=now):
            with self._system.access.transaction() as transaction:
                mark_seen(transaction, token, at=now)
        return visitor

    def _asked(self, request: Request, visitor: Visitor, token: Secret, form: Form) -> Asked:
        language = visitor.language
        if visitor is NOBODY:
            language = language_of(request.headers.get("accept-language", ""))
        query = request.query_params
        return Asked(
            system=self._system,
            examine=self._examine,
            visitor=visitor,
            token=token,
            company=request.path_params.get(COMPANY, ""),
            path={name: str(value) for name, value in request.path_params.items()},
            query={name: query.getlist(name) for name in query},
            form=form.values,
            file=form.file,
            speech=Speech(language),
            now=self._system.now(),
            address=request.client.host if request.client else "",
            agent=request.headers.get("user-agent", ""),
            url=_wanted(request),
            is_partial=request.headers.get("hx-request") == "true",
            provider=self._provider,
        )

    def _missing(self, request: Request) -> Response:
        token = Secret(request.cookies.get(self._cookie, ""))
        asked = self._asked(request, self._visitor(token) or NOBODY, token, Form())
        return self._response(Shown("missing.html", status=404), asked)

    def _response(self, answer: Answer, asked: Asked) -> Response:
        if isinstance(answer, Moved):
            response = _go(answer.to)
            if answer.cookie is not None:
                self._set_cookie(response, answer.cookie)
            return response
        if isinstance(answer, Download):
            name = quote(answer.name)
            return StreamingResponse(
                answer.content,
                media_type=answer.media_type,
                headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
            )
        values: dict[str, object] = {
            "asked": asked,
            "visitor": asked.visitor,
            "company": asked.company,
            "is_signed_in": asked.visitor is not NOBODY,
            "areas": areas_of(asked),
            "companies": companies_of(asked),
            "token": form_token(asked.token),
            "ended_jobs": self._ended_jobs(asked),
            **answer.values,
        }
        page = render(answer.template, asked.speech.language, values)
        return HTMLResponse(page, status_code=answer.status, headers={"vary": "cookie, hx-request"})

    def _ended_jobs(self, asked: Asked) -> int:
        """Count the visitor's jobs that ended since they looked."""
        if asked.visitor is NOBODY or asked.is_partial:
            return 0
        with self._system.jobs.reader() as reader:
            return count_unseen(reader, actor=asked.visitor.login)

    def _set_cookie(self, response: Response, value: str) -> None:
        if value:
            response.set_cookie(
                self._cookie, value, path="/", secure=self.is_https, httponly=True, samesite="lax"
            )
        else:
            response.delete_cookie(
                self._cookie, path="/", secure=self.is_https, httponly=True, samesite="lax"
            )


def _answered(page: Page, asked: Asked) -> Answer:
    """Ask the page; what was typed and cannot be read is refused (ERR-U10)."""
    try:
        return page.answers(asked)
    except Unreadable as error:
        refusal = refuse(UNREADABLE, page.path, field="date", value=str(error))
        raise Refused(refusal) from error


def _check(page: Page, asked: Asked) -> None:
    """Let through what the roles of the visitor allow.

    Raises  HTTPException 404: a page, or a company, that is not for them; Refused (ERR-U05).
    """
    visitor, company = asked.visitor, asked.company
    if page.permission is None or visitor.may(page.permission, company):
        return
    is_of_company = any(one == company for one, _ in visitor.roles)
    if page.method == "GET" or not is_of_company:
        raise HTTPException(404)
    raise Refused(refuse(FORBIDDEN, f"{visitor.login} in {company or 'Twofold'}"))


def _go(to: str) -> Response:
    return RedirectResponse(to, status_code=303)


def _wanted(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


async def _static(request: Request) -> Response:
    """Give a file of the package; its address changes with its content, so it is kept for good."""
    name = request.path_params["name"]
    source = resources.files("twofold.web").joinpath("static", name)
    kind = name.rpartition(".")[2]
    if kind not in _MEDIA or not source.is_file() or asset(name) != request.url.path:
        raise HTTPException(404)
    return Response(
        source.read_bytes(),
        media_type=_MEDIA[kind],
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )
