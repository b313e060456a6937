"""The app as a server, `streamlit run serve.py`: `app.py`, told in every page of HTML where the server's root is.

A browser that opens a page by its own address, such as `/Layers`, would else look for the server below that address
first, and its console would show what it did not find there. `streamlit run app.py` gives the same app.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = "|".join(path.stem.split("_", 1)[1] for path in Path(__file__).parent.glob("pages/[0-9]*.py"))
ROOT = f"location.origin + location.pathname.replace(/({NAMES})\\/?$/, '')"
SCRIPT = f"<head><script>window.__streamlit = {{ BACKEND_BASE_URL: {ROOT} }}</script>".encode()


class TellRoot:
    """Puts `SCRIPT` into every page of HTML."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app(scope | {"headers": headers}, receive, _telling(send))


def _telling(send: Send) -> Send:
    """Pass a page of HTML on with the script in its head."""
    is_page = False

    async def pass_on(message: Message) -> None:
        nonlocal is_page
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            is_page = message["status"] == 200 and kind.startswith(b"text/html")
            if is_page:  # without its length, which changes, uvicorn sends it in chunks
                headers = [(name, value) for name, value in message["headers"] if name != b"content-length"]
                message = message | {"headers": headers}
        elif is_page:
            message = message | {"body": message.get("body", b"").replace(b"<head>", SCRIPT, 1)}
        await send(message)

    return pass_on


app = st.App("app.py", middleware=[Middleware(TellRoot)])
