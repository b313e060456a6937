"""Polls that take nothing of a page away.

Where a poll arrives after a script has ended, and before its session has passed on what it said last, Streamlit 1.67
starts another run and drops the rest of the first: parts of the page, its end, and the word that the browser is to
poll, so that a job seems to stand still for ever. The more visitors, the longer that moment. Such a poll is left out
here: the browser polls again, and nobody waits for an answer to one of them.
"""

from functools import cache
from typing import Any

from streamlit.runtime.app_session import AppSession


@cache
def leave_late_polls_out() -> None:
    """Have all sessions of this process leave them out, from the first call on."""
    create = AppSession._create_scriptrunner

    def create_unless_late(session: Any, initial_rerun_data: Any) -> None:
        if initial_rerun_data.is_auto_rerun and session._scriptrunner is not None:
            return
        create(session, initial_rerun_data)

    AppSession._create_scriptrunner = create_unless_late  # type: ignore[method-assign]
