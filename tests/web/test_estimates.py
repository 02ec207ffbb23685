"""Revenue estimates in the page: forecast, create, look, post, reverse; with what declines them."""

from __future__ import annotations

import httpx

from tests.scenarios.support import Work
from tests.web.site import Site
from twofold.access.secret import Secret
from twofold.web.guard import form_token

FORECAST = "project,class,category,quantity,amount\r\nPERCENT/1,time,,10,1000\r\n"
HERE = "/USPM/estimates"


def load(site: Site, token: Secret, content: str) -> httpx.Response:
    with site.client(token) as client:
        return client.post(
            f"{HERE}/forecast",
            data={"token": form_token(token), "to": HERE},
            files={"file": ("forecast.csv", content.encode(), "text/csv")},
            headers={"sec-fetch-site": "same-origin"},
        )


def done(site: Site, token: Secret, asked: httpx.Response) -> str:
    """Have the job done that a form asked for, and give its page."""
    assert asked.status_code == 303, asked.text
    site.work()
    return page(site, token, asked.headers["location"])


def page(site: Site, token: Secret, address: str) -> str:
    with site.client(token) as client:
        answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def test_a_month_is_estimated_posted_and_reversed(site: Site) -> None:
    # Given two hours of a fixed price by percentage, that cost 100 each
    site.story.approve(Work("TRAIN", 2))
    site.story.post_work()
    site.story.deliver()
    ada = site.person("ada", "accountant")
    assert "PERCENT/1" in page(site, ada, HERE)

    # When a forecast is loaded that names a project that is not there, and then a good one
    wrong = done(site, ada, load(site, ada, FORECAST.replace("PERCENT/1", "NONE/1")))
    done(site, ada, load(site, ada, FORECAST))
    # And the month is estimated
    month = {"day": "2026-10-05", "period": "EstMonth", "to": HERE}
    done(site, ada, site.post(ada, f"{HERE}/create", **month))
    drafts = page(site, ada, f"{HERE}?state=draft")
    done(site, ada, site.post(ada, f"{HERE}/post", to=HERE))

    # Then the draft said what was posted
    assert "ERR-F81" in wrong
    (estimate,) = site.story.in_finance(
        "SELECT voucher, percent, accrued_amount, contract_amount FROM finance.estimate"
    )
    share = estimate["contract_amount"] * estimate["percent"] / 100
    assert estimate["accrued_amount"] == round(share, 2) > 0
    assert f"{estimate['accrued_amount']:,.2f}" in drafts
    shown = page(site, ada, f"{HERE}/of/PERCENT/1")
    assert estimate["voucher"] in shown
    # What is not complete is not eliminated, and nothing is told of it.
    done(site, ada, site.post(ada, f"{HERE}/eliminate", day="2026-10-31", to=HERE))
    assert "eliminated" not in page(site, ada, f"{HERE}?state=estimated").split("<table")[1]

    # When it is reversed, first without a reason
    form = {"number": "PERCENT/1", "day": "2026-10-31"}
    silent = site.post(ada, f"{HERE}/reverse", **form)
    reversed_ = site.post(ada, f"{HERE}/reverse", **form, reason="Wrong forecast")
    nothing = site.post(ada, f"{HERE}/reverse", **form, reason="Once more")

    assert (silent.status_code, "ERR-U32" in silent.text) == (422, True)
    assert reversed_.headers["location"].startswith(f"{HERE}/of/PERCENT/1?done=reversed:")
    assert (nothing.status_code, "ERR-F87" in nothing.text) == (422, True)
    site.story.deliver()


def test_who_may_only_look_sees_no_button(site: Site) -> None:
    olga = site.person("olga", "auditor")

    shown = page(site, olga, HERE)
    refused = [
        site.post(olga, f"{HERE}/{step}").status_code
        for step in ("create", "post", "eliminate", "reverse", "forecast")
    ]

    assert ("PERCENT/1" in shown, "Post the drafts" in shown, set(refused)) == (True, False, {403})
    with site.client(olga) as client:
        assert client.get(f"{HERE}/of/NONE/1").status_code == 404
