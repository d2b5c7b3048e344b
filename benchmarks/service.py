"""Measures the running service over HTTP, beside the bare endpoint, in one run.

python -m benchmarks.service create sqlite|postgresql [--seconds 4] [--rounds 3] [--words 120] [--connections 16]
"""

import argparse
import asyncio
from statistics import median

from benchmarks.service_load import Answers, load
from benchmarks.service_stage import Stage, bare_requests, machine_load, settle

ACKNOWLEDGED = "acknowledged"
CREATES = ("create", ACKNOWLEDGED)
"""Without a letter to the client, and with the one that has the number."""


async def create(kind: str, arguments: argparse.Namespace) -> None:
    """Creates a second, beside one bare row."""
    async with Stage(kind, roles=arguments.roles) as stage:
        stage.start_bare()
        sides = {"echo": "/echo", "bare row": "/bare"} | dict.fromkeys(CREATES, "")
        rates: dict[str, list[Answers]] = {name: [] for name in sides}
        spent: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(-1, arguments.rounds):  # the first warms up
            for name, path in sides.items():
                if name in CREATES:
                    seed, letter = 2 * turn + CREATES.index(name), name == ACKNOWLEDGED
                    port, requests = stage.service.http_port, stage.creates(arguments.words, seed, acknowledged=letter)
                else:
                    port, requests = stage.bare_port, bare_requests(path, arguments.words, turn)
                settle()
                before = stage.cpu()
                answers = load(port, requests, connections=arguments.connections, seconds=arguments.seconds)
                after = stage.cpu()
                if answers.failed:
                    raise RuntimeError(f"{name}: {answers.failed} failed, the last: {answers.last_failure!r}")
                if turn < 0 and kind == "postgresql":
                    stage.sql("ANALYZE")  # as autovacuum does within its first minute
                if turn < 0:
                    continue
                rates[name].append(answers)
                cost = {who: (after[who] - before[who]) / len(answers.latencies) * 1e6 for who in after}
                spent[name].append(cost["service" if name in CREATES else "bare"])
                told = ", ".join(f"{who} {us:.0f} us" for who, us in cost.items())
                print(
                    f"{kind} {name:12} {answers.rate:7.0f}/s, p50 {answers.percentile(0.5):6.1f} ms, "
                    f"p99 {answers.percentile(0.99):6.1f} ms, CPU each: {told}; {machine_load()}",
                    flush=True,
                )
        of = {name: median(answer.rate for answer in answers) for name, answers in rates.items()}
        cpu = {name: median(costs) for name, costs in spent.items()}
        for name in CREATES:
            ratios = [a.rate / b.rate for a, b in zip(rates[name], rates["bare row"], strict=True)]
            print(
                f"{kind} {name}: {of[name]:.0f}/s; of the bare row {median(ratios):.3f} "
                f"(turns {', '.join(f'{ratio:.3f}' for ratio in ratios)}); "
                f"process CPU bare/create {cpu['bare row'] / cpu[name]:.3f}"
            )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service")
    parser.add_argument("what", choices=("create",))
    parser.add_argument("kind", choices=("sqlite", "postgresql"))
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--words", type=int, default=120)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--roles", default="api")
    arguments = parser.parse_args()
    asyncio.run(create(arguments.kind, arguments))


if __name__ == "__main__":
    main()
