"""Sets the stage, tells the story, prints the table, cleans up what it started and nothing else."""

import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from helpdesk.demo.bus import Bus
from helpdesk.demo.service import Service
from helpdesk.demo.sink import Sink
from helpdesk.demo.story import Story
from helpdesk.demo.table import table


def run(policies: Path, *, keep: bool = False) -> int:
    """Return the exit status: 0 if everything happened as told."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-demo."))
    try:
        return asyncio.run(_run(folder, policies))
    finally:
        if keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


async def _run(folder: Path, policies: Path) -> int:
    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - begun:5.1f} s  {text}", flush=True)

    sink, bus = Sink(), Bus()
    await sink.start()
    service = Service(folder, sink.port, {"HELPDESK_POLICIES": str(policies)})
    status = 1
    try:
        service.launch()
        took = await service.ready()
        say(f"the service runs in a process of its own (ready after {took:.1f} s), in {folder}")
        story = Story(service, sink, bus, policies, say)
        await story.run()
        print(f"\n{table(story.rows)}\n", flush=True)
        status = 0
    except Exception:
        traceback.print_exc()
        print(f"the end of the service's log:\n{service.last_words()}", file=sys.stderr)
    finally:
        await bus.stop()
        stopped = await asyncio.to_thread(service.stop)
        await sink.stop()
    if status == 0 and stopped != 0:
        print(f"the service ended with status {stopped}:\n{service.last_words()}", file=sys.stderr)
        return 1
    say("the service was told to stop and did" if status == 0 else "the demonstration FAILED")
    return status
