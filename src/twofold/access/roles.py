"""The roles, the side each is on, and what each may do (spec section 2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

Role = Literal[
    "team_member", "approver", "project_manager", "contract_manager",
    "accountant", "billing_approver", "integration_admin", "administrator", "auditor",
]  # fmt: skip
Side = Literal["operations", "finance", "integration", "administration", "audit"]

# What a page or an action asks for. Reading and acting are apart, so that auditors see everything.
Permission = Literal[
    "read_operations", "read_finance", "read_integration", "read_access",
    "record_work", "approve_work", "bill", "keep_contracts",
    "account", "approve_billing", "integrate", "administer",
]  # fmt: skip

ROLES: Final[tuple[Role, ...]] = get_args(Role)
INSTALLATION: Final = ""
"""The company of roles that concern all companies."""

SIDE_OF: Final[dict[Role, Side]] = {
    "team_member": "operations",
    "approver": "operations",
    "project_manager": "operations",
    "contract_manager": "operations",
    "accountant": "finance",
    "billing_approver": "finance",
    "integration_admin": "integration",
    "administrator": "administration",
    "auditor": "audit",
}

PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    "team_member": frozenset({"record_work"}),
    "approver": frozenset({"read_operations", "approve_work"}),
    "project_manager": frozenset({"read_operations", "record_work", "approve_work", "bill"}),
    "contract_manager": frozenset({"read_operations", "keep_contracts"}),
    "accountant": frozenset({"read_finance", "account"}),
    "billing_approver": frozenset({"read_finance", "approve_billing"}),
    "integration_admin": frozenset({"read_integration", "integrate"}),
    "administrator": frozenset({"read_access", "administer"}),
    "auditor": frozenset({"read_operations", "read_finance", "read_integration", "read_access"}),
}


def allows(roles: Iterable[tuple[str, Role]], permission: Permission, company: str) -> bool:
    """Tell whether one of the roles, in ``company`` or for the installation, allows it."""
    return any(
        permission in PERMISSIONS[role] for scope, role in roles if scope in {company, INSTALLATION}
    )
