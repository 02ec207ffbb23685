"""Goes through the pages as one person: every link, every form, each kind of address a few times.

The order is that of the pages, so that two crawls of the same books find the same.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx
from starlette.routing import compile_path

from tests.web.markup import Field, Form, Markup, read_markup
from tests.web.site import Site
from twofold.access.secret import Secret
from twofold.web.everyone.sign_in import PAGES as OPEN_PAGES
from twofold.web.pages import PAGES

# They end the session, or say nothing that the other pages do not.
LEFT_ALONE: Final = frozenset({"/sign-out", "/password", "/sessions"})
# Languages are gone through elsewhere; following them would change the words between pages.
NO_FORM: Final = LEFT_ALONE | {"/language"}

_PATHS: Final = [
    (page.path, compile_path(page.path)[0]) for page in dict.fromkeys((*OPEN_PAGES, *PAGES))
]


@dataclass(slots=True)
class Crawl:
    """What one person found: pages by their addresses, and what is wrong with them."""

    opened: dict[str, int] = field(default_factory=dict[str, int])
    defects: list[str] = field(default_factory=list[str])
    # Forms that change something, by page, address and button; with the page they stand on.
    forms: dict[tuple[str, str, Field], str] = field(
        default_factory=dict[tuple[str, str, Field], str]
    )

    def open(self, client: httpx.Client, address: str, origin: str) -> list[str]:
        """Open a page that ``origin`` leads to; give where it leads, each address once."""
        answer = client.get(address)
        self.opened[address] = answer.status_code
        if answer.status_code not in {200, 303}:
            self.defects.append(f"{origin} → {address}: answers {answer.status_code}")
        if answer.is_redirect:
            return [_inside(address, answer.headers["location"])]
        is_file = "attachment" in answer.headers.get("content-disposition", "")
        if is_file or not answer.headers.get("content-type", "").startswith("text/html"):
            return []
        markup = read_markup(answer.text)
        links = [_inside(address, one) for one in markup.links if not one.startswith("#")]
        looks = [_looked(form, address) for form in markup.forms if not form.changes]
        self._note(markup, address)
        return list(dict.fromkeys((*links, *looks)))

    def _note(self, markup: Markup, address: str) -> None:
        """Keep the forms that change something, each once."""
        for form, button, to in _pressed(markup, address):
            path, _ = kind_of(to)
            if form.changes and path not in NO_FORM:
                self.forms.setdefault((kind_of(address)[0], path, button), address)


def kind_of(address: str) -> tuple[str, str]:
    """Give the page that answers an address, and the names of its query."""
    parts = urlsplit(address)
    path = next((path for path, regex in _PATHS if regex.match(parts.path)), parts.path)
    company = parts.path.split("/")[1] if path.startswith("/{company}") else ""
    names = ",".join(sorted({name for name, _ in parse_qsl(parts.query)}))
    return path.replace("{company}", company), names


def crawl(site: Site, token: Secret, *, per_kind: int) -> Crawl:
    """Open every kind of page a person is led to, by links and by forms that only look.

    A kind are the addresses of one page and company with the same names in the query.
    """
    found = Crawl()
    waiting = deque([("/", "")])
    seen: set[str] = {"/"}
    kinds: Counter[tuple[str, str]] = Counter()
    with site.client(token) as client:
        while waiting:
            address, origin = waiting.popleft()
            kinds[kind_of(address)] += 1
            if kinds[kind_of(address)] > per_kind:
                continue
            following = found.open(client, address, origin)
            waiting.extend((one, address) for one in following if one not in seen)
            seen.update(following)
    return found


def _looked(form: Form, address: str) -> str:
    """Give the address that a form asks for as it stands."""
    path = urlsplit(_inside(address, form.action or address)).path
    return f"{path}?{urlencode(form.fields)}" if form.fields else path


def _pressed(markup: Markup, address: str) -> Iterator[tuple[Form, Field, str]]:
    """Give each button of each form, with the address it sends to."""
    for form in markup.forms:
        for button, elsewhere in form.buttons or [(("", ""), "")]:
            yield form, button, _inside(address, elsewhere or form.action or address)


def _inside(address: str, link: str) -> str:
    """Give an address of ours; a link that leaves the pages is kept whole, and answers 404."""
    whole = urljoin(f"http://pages{address}", link)
    parts = urlsplit(whole)
    if parts.netloc != "pages":
        return f"/leaves/{whole}"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def submit(
    site: Site, token: Secret, address: str, path: str, button: Field
) -> list[tuple[str, int]]:
    """Send a form of a page: as it stands, then with something ticked and something typed.

    Gives the address and status of each answer; none when page or form are gone by now.
    """
    sent: list[tuple[str, int]] = []
    with site.client(token) as client:
        for is_filled in (False, True):
            page = client.get(address)
            alike = [
                (form, to)
                for form, name, to in _pressed(read_markup(page.text), address)
                if form.changes and kind_of(to)[0] == path and name == button
            ]
            if page.status_code != 200 or not alike:
                break
            form, to = alike[0]
            fields = [*form.fields, *([button] if button[0] else [])]
            data: dict[str, list[str]] = {}
            for name, value in _filled(form, fields) if is_filled else fields:
                data.setdefault(name, []).append(value)
            answer = client.post(to, data=data, headers={"sec-fetch-site": "same-origin"})
            sent.append((to, answer.status_code))
    return sent


def _filled(form: Form, fields: list[Field]) -> list[Field]:
    """Tick the first box of a list, and say something wherever nothing was said."""
    ticked = [one for one in form.unticked if one[0] in {"pick", "key"}][:1]
    words = {name: "1" if name in {"threshold", "within"} else "By the way" for name in form.empty}
    kept = [(name, words.get(name, value)) for name, value in fields]
    return [*kept, *ticked]
