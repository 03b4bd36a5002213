"""The gallery and the pages of the frame, served with the content security policy, are looked at by axe-core."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from playwright.sync_api import Browser, Page, sync_playwright

from examhall.site.gallery import Gallery

Scheme = Literal["light", "dark"]
_REPO = Path(__file__).parents[2]
_STATIC = _REPO / "src/examhall/site/static"
_AXE = _REPO / "client/node_modules/axe-core/axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class _Door(SimpleHTTPRequestHandler):
    """Serves a folder with the policy the product sends (site/settings_django.py)."""

    def end_headers(self) -> None:
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            "connect-src 'self'",
        )
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


def _pages() -> dict[str, bytes]:
    """Every page of the frame as the server answers it to somebody who is not signed in."""
    client = Client()
    gallery = Gallery.as_view()(RequestFactory().get("/gallery/"))
    assert isinstance(gallery, TemplateResponse)
    gallery.render()
    without_password = {"login": "4410-1271", "password": ""}
    return {
        "gallery": gallery.content,
        "sign-in": client.get(reverse("account_login")).content,
        "sign-in-refused": client.post(reverse("account_login"), without_password).content,
        "forgot": client.get(reverse("account_reset_password")).content,
        "not-found": render_to_string("404.html").encode(),
        "our-fault": render_to_string("500.html").encode(),
        "busy": render_to_string("503.html").encode(),
    }


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the pages stand; says what to do when the client is not built."""
    assert (_STATIC / "build/site.js").exists(), "The client is not built: run `npm run build` in client/."
    folder = tmp_path_factory.mktemp("pages")
    (folder / "static").symlink_to(_STATIC)
    for name, content in _pages().items():
        (folder / f"{name}.html").write_bytes(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Door, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        yield play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])


def _open(
    browser: Browser, address: str, *, scheme: Scheme = "light", width_px: int = 1440, name: str = "gallery"
) -> tuple[Page, list[str]]:
    page = browser.new_context(color_scheme=scheme, viewport={"width": width_px, "height": 900}).new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/{name}.html", wait_until="networkidle")
    return page, faults


@pytest.mark.parametrize(
    ("name", "width_px", "scheme"),
    [
        *(("gallery", width_px, scheme) for width_px in (1440, 390) for scheme in ("light", "dark")),
        # colours do not depend on the width, nor places on the theme
        *(
            (name, *seen)
            for name in ("sign-in-refused", "forgot", "our-fault", "busy")
            for seen in ((1440, "light"), (390, "dark"))
        ),
    ],
)
def test_axe_finds_nothing(browser: Browser, address: str, name: str, scheme: Scheme, width_px: int) -> None:
    """product.md §7: WCAG 2.2 AA on every part, in both themes."""
    page, _ = _open(browser, address, scheme=scheme, width_px=width_px, name=name)
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run({runOnly: tags})", _TAGS)
    page.context.close()
    assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found["violations"]] == []


@pytest.mark.parametrize("width_px", [320, 390, 768, 1440, 1920])
@pytest.mark.parametrize("name", ["gallery", "sign-in", "not-found"])
def test_no_page_scrolls_sideways(browser: Browser, address: str, name: str, width_px: int) -> None:
    """look/README §3: tables scroll inside their own region, the page does not, from 320 px."""
    page, _ = _open(browser, address, width_px=width_px, name=name)
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px


@pytest.mark.parametrize("name", ["gallery", "sign-in", "not-found"])
def test_nothing_breaks_the_content_security_policy(browser: Browser, address: str, name: str) -> None:
    """design.md §10: no inline script, no inline style, no eval; the console stays empty."""
    _, faults = _open(browser, address, name=name)
    assert faults == []


def test_every_icon_is_drawn(browser: Browser, address: str) -> None:
    """look/README §7: no hole where an icon should be."""
    page, _ = _open(browser, address)
    empty = page.evaluate(
        "[...document.querySelectorAll('main svg.i')]"
        ".filter(s => s.checkVisibility() && s.querySelector('use').getBBox().width === 0)"
        ".map(s => s.innerHTML)"
    )
    assert empty == []


def test_a_dialog_opens_by_key_and_gives_the_focus_back(browser: Browser, address: str) -> None:
    """look/README §5: everything works by keyboard; what cannot be taken back starts on Cancel."""
    page, _ = _open(browser, address)
    page.get_by_role("button", name="Open a confirmation…").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Cancel"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Open a confirmation…"


def test_arrow_keys_move_and_space_selects_in_a_table(browser: Browser, address: str) -> None:
    """look/README §5: ↑ ↓ rows, Space select."""
    page, _ = _open(browser, address)
    page.locator("table[data-rows] tbody tr").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    selected = page.locator("table[data-rows] tbody tr[aria-selected=true]")
    assert selected.count() == 2
    assert page.evaluate("document.activeElement.querySelector('input').checked") is True


def test_question_mark_opens_the_list_of_keys_but_not_while_typing(browser: Browser, address: str) -> None:
    """look/README §5: `?` opens the key list; letters never act while somebody types."""
    page, _ = _open(browser, address)
    page.get_by_label("Find a setting").press("?")
    assert page.locator("dialog[open]").count() == 0
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys on this page").is_visible()


def test_a_chosen_theme_holds_and_is_kept_for_the_next_page(browser: Browser, address: str) -> None:
    """look/README §1: both themes are real; nothing flashes, because the server reads the cookie."""
    page, _ = _open(browser, address, name="sign-in")
    page.get_by_text("Dark", exact=True).click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.querySelector('.si-main')).backgroundColor") == "rgb(18, 25, 29)"
    assert [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "theme"] == ["dark"]
