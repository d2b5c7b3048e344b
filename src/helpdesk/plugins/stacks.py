"""Where a thread's code stands."""

import sys
import threading
import traceback


def stack_of(thread: threading.Thread | None) -> str:
    """Return the calls that a thread is in now, the innermost last; for one line of a log."""
    frame = None if thread is None else sys._current_frames().get(thread.ident or 0)
    if frame is None:
        return "nowhere"
    return " > ".join(f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_stack(frame))
