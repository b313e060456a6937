"""A visitor without a browser: what a tab and the server say to each other, in Streamlit's own messages."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

LONGEST_RUN = 300  # seconds
WITH_KEY = "-"  # what stands in a widget's id before the key that the page gave it
Path = tuple[int, ...]


class Tab:
    """One tab of a browser: what it shows, and what its visitor does there.

    Attributes:
        shown: elements by where they are on the page.
        problems: what the server said of a run that broke.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self.shown: dict[Path, Any] = {}
        self.problems: list[str] = []
        self._session = self._page = self._query = ""
        self._widgets: dict[str, WidgetState] = {}
        self._kept: dict[str, ForwardMsg] = {}  # messages that the server need not send again, as browsers keep them
        self._fresh: set[Path] = set()  # what the run that goes on has sent
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Condition()
        self._deaf = ""  # why nothing more is heard
        self._heard: deque[str] = deque(maxlen=40)  # kinds of messages
        self._runs = 0  # that ended, of whole pages
        self._uploads: dict[str, asyncio.Future[Any]] = {}
        self._socket: ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Tab":
        at = f"{self._address.replace('http', 'ws', 1)}/_stcore/stream"
        self._socket = await connect(at, subprotocols=["streamlit"], max_size=None, open_timeout=60)  # type: ignore[list-item]
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        for poll in self._polls.values():
            poll.cancel()
        if self._listening is not None:
            self._listening.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def open(self, page: str = "", query: str = "") -> float:
        """Go to a page, by the link to it or at first to the home page; return the seconds until all of it was there.

        Raises:
            KeyError: there is no link to it.
        """
        self._page, self._query = self.links()[page] if page else "", query
        self._widgets.clear()
        return await self._run()

    async def type(self, key: str, text: str, button: str = "") -> float:
        """Type a text, and press a button if the text is in a form; return the seconds until the page was there."""
        typed = WidgetState(id=self.widget(key).id, string_value=text)
        self._widgets[typed.id] = typed
        return await (self.press(button) if button else self._run())

    async def press(self, key: str) -> float:
        """Press a button; return the seconds until the page was there."""
        pressed = WidgetState(id=self.widget(key).id, trigger_value=True)
        self._widgets[pressed.id] = pressed
        seconds = await self._run()
        self._widgets.pop(pressed.id, None)
        return seconds

    async def upload(self, key: str, name: str, content: bytes) -> float:
        """Bring a file; return the seconds until the page was there with it."""
        began, request = time.monotonic(), BackMsg()
        request.file_urls_request.request_id, request.file_urls_request.session_id = name, self._session
        request.file_urls_request.file_names.append(name)
        answer = self._uploads[name] = asyncio.get_running_loop().create_future()
        await self._send(request)
        place = (await answer).file_urls[0]
        await asyncio.to_thread(self._put, place.upload_url, name, content)
        state = WidgetState(id=self.widget(key).id)
        about = state.file_uploader_state_value.uploaded_file_info.add(name=name, size=len(content))
        about.file_id = place.file_id
        about.file_urls.CopyFrom(place)
        self._widgets[state.id] = state
        await self._run()
        return time.monotonic() - began

    async def until(self, happened: Callable[["Tab"], bool], seconds: float) -> bool:
        """Wait until something is shown; tell whether it was within so many seconds.

        Raises:
            ConnectionError: the server says no more.
        """
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: happened(self) or self._deaf)
        except TimeoutError:
            return False
        if self._deaf:
            raise ConnectionError(f"Nothing more was heard: {self._deaf}")
        return True

    def widget(self, key: str) -> Any:
        """The widget with this key.

        Raises:
            LookupError: it is not shown.
        """
        for kind, element in self._elements():
            part = getattr(element, kind)
            if getattr(part, "id", "").endswith(WITH_KEY + key):
                return part
        raise LookupError(f"{key} is not on the page.")

    def has(self, key: str) -> bool:
        """Tell whether there is a widget with this key."""
        with suppress(LookupError):
            return bool(self.widget(key))
        return False

    def links(self) -> dict[str, str]:
        """Hashes of the pages that are linked to, by their names in the sidebar."""
        elements = (element.page_link for kind, element in self._elements() if kind == "page_link")
        return {link.label: link.page_script_hash for link in reversed([*elements])}

    def waits(self) -> bool:
        """Tell whether a job is shown that is not finished."""
        return any(kind == "progress" for kind, _ in self._elements())

    def progress(self) -> list[str]:
        """How the jobs stand that are shown."""
        return [element.progress.text for kind, element in self._elements() if kind == "progress"]

    def errors(self) -> list[str]:
        """What the page says is wrong, and what broke."""
        said = [
            element.alert.body for kind, element in self._elements() if kind == "alert" and element.alert.format == 1
        ]
        broke = [element.exception.message for kind, element in self._elements() if kind == "exception"]
        problems, self.problems = self.problems, []
        return [*said, *broke, *problems]

    def _elements(self) -> Iterator[tuple[str, Any]]:
        for element in list(self.shown.values()):
            yield element.WhichOneof("type"), element

    async def _run(self, fragment: str = "") -> float:
        began, message, runs = time.monotonic(), BackMsg(), self._runs
        state = message.rerun_script
        state.query_string, state.page_script_hash = self._query, self._page
        state.fragment_id, state.is_auto_rerun = fragment, bool(fragment)
        state.widget_states.widgets.extend(self._widgets.values())
        state.cached_message_hashes.extend(self._kept)
        await self._send(message)
        if fragment:
            return 0.0
        if not await self.until(lambda tab: tab._runs > runs, LONGEST_RUN):
            raise TimeoutError(f"A page did not end within {LONGEST_RUN} s; last heard: {', '.join(self._heard)}.")
        return time.monotonic() - began

    async def _send(self, message: BackMsg) -> None:
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    def _put(self, url: str, name: str, content: bytes) -> None:
        with requests.Session() as session:
            session.get(f"{self._address}/_stcore/health", timeout=60)
            token = session.cookies.get("_streamlit_xsrf", "")
            files = {"file": (name, content, "text/plain")}
            session.put(self._address + url, files=files, headers={"X-Xsrftoken": token}, timeout=60).raise_for_status()

    async def _listen(self) -> None:
        assert self._socket is not None
        try:
            async for data in self._socket:
                await self._hear_data(data)  # type: ignore[arg-type]
            self._deaf = "the server closed the connection."
        except Exception as error:
            self._deaf = f"{type(error).__name__}: {error}"
        async with self._changed:
            self._changed.notify_all()

    async def _hear_data(self, data: bytes) -> None:
        message = ForwardMsg()
        message.ParseFromString(data)
        if message.WhichOneof("type") == "ref_hash":
            kept, sent = self._kept[message.ref_hash], message
            message = ForwardMsg()
            message.CopyFrom(kept)
            message.metadata.CopyFrom(sent.metadata)
        elif message.metadata.cacheable:
            self._kept[message.hash] = message
        async with self._changed:
            self._hear(message)
            self._changed.notify_all()

    def _hear(self, message: ForwardMsg) -> None:
        self._heard.append(_kind_of(message))
        kind, of_fragment = message.WhichOneof("type"), bool(message.metadata.run.fragment_ids)
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id
            if not of_fragment:
                self._page = message.new_session.page_script_hash
                self._fresh.clear()
                self._stop_polling()
        elif kind == "delta":
            self._draw(tuple(message.metadata.delta_path), message.delta)
        elif kind == "script_finished":
            self._finish(message.script_finished)
        elif kind == "auto_rerun":
            self._poll(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "file_urls_response":
            self._uploads.pop(message.file_urls_response.response_id).set_result(message.file_urls_response)
        elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
            self.problems.append(message.session_event.script_compilation_exception.message)
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string

    def _draw(self, path: Path, delta: Any) -> None:
        if delta.WhichOneof("type") == "new_element":
            self.shown[path] = delta.new_element
            self._fresh.add(path)
        elif delta.WhichOneof("type") == "add_block" and path in self.shown:
            del self.shown[path]

    def _finish(self, how: int) -> None:
        if how == ForwardMsg.FINISHED_SUCCESSFULLY:
            self.shown = {path: element for path, element in self.shown.items() if path in self._fresh}
            self._runs += 1
        elif how == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.problems.append("The page did not compile.")
            self._runs += 1

    def _poll(self, fragment: str, interval: float) -> None:
        async def poll() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._run(fragment)

        if fragment not in self._polls:
            self._polls[fragment] = asyncio.create_task(poll())

    def _stop_polling(self) -> None:
        for poll in self._polls.values():
            poll.cancel()
        self._polls.clear()


def _kind_of(message: ForwardMsg) -> str:
    """What a message is about, for whoever looks for what was not said."""
    kind = message.WhichOneof("type") or "nothing"
    how = ForwardMsg.ScriptFinishedStatus.Name(message.script_finished) if kind == "script_finished" else ""
    of = " ".join(message.metadata.run.fragment_ids)[-6:]
    return " ".join(filter(None, (f"{time.monotonic():.2f}", kind, how, of)))
