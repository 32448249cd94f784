"""A browser without a screen: signs in, opens pages, sends the forms that it finds on them."""

from collections.abc import Mapping
from html.parser import HTMLParser

from httpx2 import Response
from starlette.testclient import TestClient

from service.auth import create_key
from service.roles import Role
from tests.serving import Desk

HOME = "http://127.0.0.1"


class Page(HTMLParser):
    """What a page says, and the forms on it with the fields as they are filled in."""

    def __init__(self, reply: Response) -> None:
        super().__init__()
        self.status = reply.status_code
        self.markup = reply.text
        self.headers = reply.headers
        self.path = reply.url.path
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._words: list[str] = []
        self._choosing: str | None = None
        self._writing: str | None = None
        self.feed(reply.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        elif tag == "input" and self.forms:
            chosen = given.get("type") not in {"radio", "checkbox"} or "checked" in given
            if chosen and "name" in given:
                self.forms[-1][1][given["name"]] = given.get("value", "")
        elif tag == "select":
            self._choosing = given["name"]
            self.forms[-1][1][given["name"]] = ""
        elif tag == "option" and self._choosing and "selected" in given:
            self.forms[-1][1][self._choosing] = given["value"]
        elif tag == "textarea":
            self._writing = given["name"]
            self.forms[-1][1][given["name"]] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._choosing = None
        if tag == "textarea":
            self._writing = None

    def handle_data(self, data: str) -> None:
        self._words.append(data)
        if self._writing:
            self.forms[-1][1][self._writing] += data

    @property
    def text(self) -> str:
        """Give what can be read, on one line."""
        return " ".join(" ".join(self._words).split())

    def form(self, action: str) -> dict[str, str]:
        """Give the fields of the form that is sent to a path."""
        return next(fields for to, fields in self.forms if to == action)


class Visitor:
    """One browser at one server, with cookies of its own."""

    def __init__(self, desk: Desk, home: str = HOME) -> None:
        self._client = TestClient(desk.app, base_url=home, raise_server_exceptions=False)
        self.client = self._client
        self.desk = desk

    def get(self, path: str, **headers: str) -> Page:
        """Open a page, following where it leads."""
        return Page(self._client.get(path, headers=headers))

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        """Send a form, following where it leads."""
        return Page(self._client.post(path, data=dict(fields), headers=headers))

    def sign_in(self, key: str, **fields: str) -> Page:
        """Sign in."""
        form = self.get("/sign-in").form("/sign-in")
        return self.post("/sign-in", form | {"key": key} | fields)


def key_of(desk: Desk, role: Role = "inspector", *ports: str) -> str:
    """Make a key, reaching all ports if none is named."""
    with desk.runtime.store.write() as connection:
        return create_key(connection, role, frozenset(ports) or None, desk.clock())


def visitor_of(desk: Desk, role: Role = "inspector", *ports: str) -> Visitor:
    """Give somebody who is signed in."""
    visitor = Visitor(desk)
    assert visitor.sign_in(key_of(desk, role, *ports)).status == 200
    return visitor
