"""``python -m twofold.cli`` is the program ``twofold``."""

from __future__ import annotations

from twofold.cli.app import main

main()
