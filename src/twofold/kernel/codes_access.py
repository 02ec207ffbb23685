"""Error codes of people, roles and sign-in (U01 to U19).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import ADMINISTRATOR, PROJECT_MANAGER, ErrorCode

ACCESS_CODES: Final = (
    ErrorCode(
        "ERR-U01",
        title="The login is taken",
        cause="Somebody has this login already; logins are never used twice.",
        remedy="Choose another one; `twofold person list` shows those there are.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-U02",
        title="Nobody has this login",
        cause="The person was never added.",
        remedy="Look at `twofold person list`, or add them with `twofold person add`.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-U03",
        title="The password is not good enough",
        cause="It is short, or easily guessed from the name, common words or a keyboard.",
        remedy="Choose 15 characters or more that nobody would guess: several words will do.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U04",
        title="The role is kept apart from what the person does",
        cause=(
            "Whoever bills the work does not keep the accounts of the same company, and nobody "
            "gives a role to themselves."
        ),
        remedy=(
            "Take the other role first with `twofold person take`, or let another administrator "
            "give it with `twofold person give`."
        ),
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U05",
        title="You may not do this",
        cause="None of your roles in this company allows it.",
        remedy="Ask an administrator for the role: `twofold person give LOGIN ROLE`.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U06",
        title="The sign-in link is worth nothing any more",
        cause="It was used, a newer one was made, its hour is over, or its person is barred.",
        remedy="Make a new one with `twofold person link`, or sign in with a password.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U07",
        title="What was typed is no figure",
        cause="It is not written as your language writes numbers, or has letters in it.",
        remedy="Write it as the page shows figures; the language is in the menu with your name.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-U10",
        title="This is no date",
        cause="What was typed is not a day of the calendar, or not in the format of your language.",
        remedy="Choose the day in the calendar of the field, or type it as 2026-11-30.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-U11",
        title="This sign-in was not begun in this browser",
        cause=(
            "It was begun in another browser, more than ten minutes ago, or the answer of the "
            "provider was used before."
        ),
        remedy="Begin anew on the page where one signs in.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U12",
        title="The provider's answer is not to be trusted",
        cause=(
            "It declined, or what it says about who signed in is not signed by its keys, not "
            "meant for us, not of this sign-in, or too old."
        ),
        remedy=(
            "Begin anew; if it stays, compare issuer, client and clock with the provider's: "
            "`twofold person identity check`."
        ),
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U13",
        title="The provider does not answer",
        cause="It is down, cannot be reached from this machine, or is no OpenID Connect provider.",
        remedy=(
            "Try again later, sign in with a password meanwhile, or ask for a link "
            "(`twofold person link`); `twofold person identity check` asks the provider."
        ),
        owner=ADMINISTRATOR,
        error_class="Dependency",
    ),
    ErrorCode(
        "ERR-U14",
        title="Nobody here is known by this account",
        cause="The provider vouches for the account, and it was never linked with a person.",
        remedy="Link it: `twofold person identity link LOGIN SUBJECT`, or on the person's page.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U15",
        title="The account is linked with a person already",
        cause="An account of the provider stands for one person.",
        remedy="Take it from them first: `twofold person identity unlink LOGIN SUBJECT`.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-U16",
        title="You are barred from signing in",
        cause="An administrator barred the person for whom this account stands.",
        remedy="Ask an administrator to let you in: `twofold person admit LOGIN`.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U17",
        title="The person has a token of this name",
        cause="Each token of a person has a name of its own, by which it is revoked.",
        remedy="Choose another name, or revoke the old one: `twofold person token revoke`.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-U18",
        title="The token would last too long",
        cause="A token ends within a year, so that a lost one does not open doors for ever.",
        remedy="Choose fewer days, and make a new one then: `twofold person token new --days 90`.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-U29",
        title="A person needs a login and a name",
        cause="The login is empty or has a space in it, or the name is empty.",
        remedy="Add them again with both: `twofold person add LOGIN NAME`.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-U20",
        title="There is no file that can be read",
        cause="No file was chosen, it is empty, or it is neither CSV text nor an XLSX workbook.",
        remedy="Choose the CSV or XLSX file again: as it was exported, or as `twofold template`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-U21",
        title="What was sent is too large",
        cause="A page takes a file of 32 MB, and a form without one of 4 MB.",
        remedy="Divide the file, by month or by project, or import it with `twofold import`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-U22",
        title="The file is not kept any more",
        cause="Files are kept for 30 days after they were given.",
        remedy="Choose the file again in the page Import entries, or use `twofold import`.",
        owner=PROJECT_MANAGER,
    ),
)
