"""Settings come from the environment, and two installations never share a home."""

from __future__ import annotations

import os
from pathlib import Path

from twofold.settings import from_environment


def test_what_is_set_is_taken() -> None:
    settings = from_environment(
        {
            "TWOFOLD_HOME": "/srv/twofold",
            "TWOFOLD_OPERATIONS_URL": "postgresql://one/operations",
            "TWOFOLD_FINANCE_URL": "postgresql://two/finance",
            "TWOFOLD_POSTGRES_BIN": "/usr/lib/postgresql/15/bin",
        }
    )

    assert settings.home == Path("/srv/twofold")
    assert settings.operations_url == "postgresql://one/operations"
    assert settings.finance_url == "postgresql://two/finance"
    assert settings.postgres_bin == Path("/usr/lib/postgresql/15/bin")


def test_empty_counts_as_absent() -> None:
    settings = from_environment({"TWOFOLD_OPERATIONS_URL": "", "TWOFOLD_POSTGRES_BIN": ""})

    assert settings.operations_url is None
    assert settings.postgres_bin is None


def test_the_default_home_is_the_users_own_or_where_a_service_user_can_look() -> None:
    home = from_environment({"XDG_DATA_HOME": "/home/ann/data"}).home

    is_root = os.geteuid() == 0
    assert home.parent == Path("/var/lib/twofold" if is_root else "/home/ann/data/twofold")
