"""Debian's Chromium, driven by playwright: desktop, phone and dark."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

from tests.system.places import LOCAL

SCREENSHOTS = LOCAL / "screenshots"  # git-ignored; looked at by people
ACTION_TIMEOUT_MS = 30_000
EXPECT_TIMEOUT_MS = 30_000
"""Playwright's own 5 s are near to what a step takes that waits for two polls of the page on a busy machine."""

# What a context is given for each way to look at a page.
LOOKS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "desktop": {"viewport": {"width": 1440, "height": 900}},
        "laptop": {"viewport": {"width": 1024, "height": 768}},
        "phone": {
            "viewport": {"width": 390, "height": 844},
            "is_mobile": True,
            "has_touch": True,
            "device_scale_factor": 2,
        },
        "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
        "dark phone": {
            "viewport": {"width": 390, "height": 844},
            "is_mobile": True,
            "has_touch": True,
            "color_scheme": "dark",
        },
    }
)

QUIET = (
    "--no-sandbox",  # as root, and in most containers, Chromium does not start without it
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class Browser:
    """One Chromium process. Each context is another person's browser: its own cookies, storage and window size."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None

    def __enter__(self) -> "Browser":
        executable = shutil.which("chromium") or shutil.which("chromium-browser")
        if executable is None:
            raise FileNotFoundError("There is no Chromium on the PATH; `./dev test` installs it or says how.")
        expect.set_options(timeout=EXPECT_TIMEOUT_MS)
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=executable, args=QUIET)
        return self

    def __exit__(self, *_: object) -> None:
        if self._chromium:
            self._chromium.close()
        if self._playwright:
            self._playwright.stop()

    def context(self, look: str = "desktop", **options: Any) -> BrowserContext:
        """A fresh browser of one person; `look` is a name from LOOKS, `options` are playwright's own."""
        assert self._chromium is not None, "use it in a with statement"
        context = self._chromium.new_context(**{"locale": "en-GB", "timezone_id": "UTC", **LOOKS[look], **options})
        context.set_default_timeout(ACTION_TIMEOUT_MS)
        return context

    def page(self, look: str = "desktop", **options: Any) -> Page:
        """A page in a fresh context."""
        return self.context(look, **options).new_page()

    @contextmanager
    def people_go_home(self) -> Iterator[None]:
        """Whose browser was opened inside of the block closes it at its end: an open page asks for ever."""
        assert self._chromium is not None, "use it in a with statement"
        before = set(self._chromium.contexts)
        try:
            yield
        finally:
            for context in set(self._chromium.contexts) - before:
                context.close()


def screenshot(page: Page, name: str) -> Path:
    """The whole page as a picture, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / (re.sub(r"[^\w.-]+", "-", name) + ".png")
    page.screenshot(path=path, full_page=True)
    return path


def sign_in_to_n8n(page: Page, url: str, email: str, password: str) -> None:
    """As a person does, on n8n's own page."""
    page.goto(f"{url}/signin")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/(home|workflow)"))
