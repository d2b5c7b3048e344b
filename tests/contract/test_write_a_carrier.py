"""The how-to for carriers' authors works: its files, put where it says, keep what carriers promise."""

from pathlib import Path

from tests.support.howto import put, run_tests


def test_the_example_passes_the_conformance_kit(tmp_path: Path) -> None:
    """The example's own tests, run as its author would run them, all pass."""
    put("write-a-carrier.md", "helpdesk_notifier_pager", tmp_path)
    assert "12 passed" in run_tests(tmp_path)
