"""What each request passes first: the host it names, the token, and the headers of the answer."""

from __future__ import annotations

import hmac
import time
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from pipelines.web import links

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "smartdaily_web"
SESSION_SECONDS = 7 * 86_400
LOGIN = "/login"
HEALTH = "/healthz"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """ASGI application before another one. Without a token only requests to a loopback name are let through.

    A page of the web may have a name of its own resolved to 127.0.0.1, and would be read by its scripts otherwise.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not scope["path"].startswith(links.STATIC):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        answer = self._refusal(scope) or self.app
        await answer(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is not let through."""
        headers, path, query = Headers(scope=scope), scope["path"], scope["query_string"].decode("latin-1")
        if "\0" in path or "%00" in query:
            return PlainTextResponse("No address of a page has a NUL.\n", 400)
        if self.token is None:
            is_local = _name_of(headers.get("host", "")) in LOOPBACK
            return None if is_local else PlainTextResponse("This server answers to localhost only.\n", 421)
        if path in (LOGIN, HEALTH) or path.startswith(f"{links.STATIC}/") or _has_token(headers, self.token):
            return None
        if "authorization" not in headers and "text/html" in headers.get("accept", ""):
            wanted = f"{path}?{query}" if query else path
            return RedirectResponse(links.with_query(LOGIN, next=None if wanted == "/" else wanted), 303)
        return PlainTextResponse("Authorization: Bearer TOKEN is needed.\n", 401, {"WWW-Authenticate": "Bearer"})


def _name_of(host: str) -> str:
    """Return the header ``Host`` without a port.

    >>> _name_of("localhost:8780"), _name_of("[::1]:80"), _name_of("127.0.0.1")
    ('localhost', '[::1]', '127.0.0.1')
    """
    name, _, port = host.rpartition(":")
    return name if port.isdecimal() else host


def _has_token(headers: Headers, token: str) -> bool:
    if given := headers.get("authorization"):
        scheme, _, value = given.partition(" ")
        return scheme.lower() == "bearer" and is_equal(value.strip(), token)
    return has_session(headers.get("cookie", ""), token)


def is_equal(given: str, token: str) -> bool:
    """Compare in a time that tells nothing of the token."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), token.encode())


def new_session(token: str) -> str:
    """Return the value of a cookie that is valid for ``SESSION_SECONDS``, and as long as the token."""
    until = str(int(time.time()) + SESSION_SECONDS)
    return f"{until}.{_sign(until, token)}"


def has_session(cookies: str, token: str) -> bool:
    """Return whether the header ``Cookie`` has a valid session.

    >>> has_session(f"a=b; {COOKIE}={new_session('secret')}", "secret"), has_session(f"{COOKIE}=9999999999.00", "secret")
    (True, False)
    """
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return False
    until, _, signature = found.value.partition(".") if found else ("", "", "")
    is_ours = is_equal(signature, _sign(until, token))
    return is_ours and until.isdecimal() and int(until) > time.time()


def _sign(until: str, token: str) -> str:
    return hmac.new(token.encode(), until.encode(errors="surrogatepass"), sha256).hexdigest()
