"""Polls of a session whose script has ended, with what Streamlit makes of a request to run once more."""

from types import SimpleNamespace

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from ui import polling


class Stopped:
    """A runner that has ended and takes no more requests; its last messages are still to be passed on."""

    def request_rerun(self, data: RerunData) -> bool:
        return False

    def request_stop(self) -> None:
        pass


def session_after_its_script(runner) -> SimpleNamespace:
    return SimpleNamespace(_state=None, _scriptrunner=runner, created=[], has_fragment=lambda fragment: True)


def ask(session: SimpleNamespace, monkeypatch, **state) -> list[RerunData]:
    """Request a run of a session as browsers do, and return what runners were made for."""
    with monkeypatch.context() as patch:
        patch.setattr(AppSession, "_create_scriptrunner", lambda session, data: session.created.append(data))
        polling.leave_late_polls_out.__wrapped__()
        session._create_scriptrunner = AppSession._create_scriptrunner.__get__(session)
        AppSession.request_rerun(session, ClientState(**state))
    return session.created


@pytest.mark.parametrize(
    ("runner", "state", "runs"),
    [
        (Stopped(), {"fragment_id": "a poll", "is_auto_rerun": True}, 0),
        (None, {"fragment_id": "a poll", "is_auto_rerun": True}, 1),
        (Stopped(), {"fragment_id": "a button"}, 1),
        (Stopped(), {}, 1),
    ],
)
def test_only_a_poll_before_the_end_was_passed_on_is_left_out(runner, state, runs, monkeypatch):
    asked = ask(session_after_its_script(runner), monkeypatch, **state)
    assert [(each.fragment_id or "") for each in asked] == [state.get("fragment_id", "")] * runs
