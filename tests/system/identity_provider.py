"""A real OpenID Connect provider (npm's `oidc-provider`), installed once per lock file, on a port of this machine."""

import shutil
from pathlib import Path

import requests

from tests.system.commands import run_logged
from tests.system.node import VERSION, node_environment, node_prefix, npm
from tests.system.places import CHECKOUT, digest_of, installed_once
from tests.system.ports import free_port
from tests.system.processes import ServerProcess

APP = CHECKOUT / "tests" / "identity" / "app"
MANIFEST = (APP / "package.json", APP / "package-lock.json")
CLIENT_ID, CLIENT_SECRET = "handoff", "a-secret-that-only-tests-know"
STARTING_S = 30.0


class IdentityProvider:
    """Accounts ann, ben (address not verified), zoe, yan and ann2; `login_hint` says who signs in."""

    def __init__(self, folder: Path, redirect_uri: str) -> None:
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"
        app = _installed()
        script = shutil.copy(APP / "provider.mjs", app / "provider.mjs")
        self.process = ServerProcess(
            "the identity provider",
            [str(node_prefix() / "bin" / "node"), str(script), str(self.port), redirect_uri],
            folder=folder,
            log=folder / "identity-provider.log",
            environment=node_environment(),
        )

    def start(self) -> None:
        """Returns when it answers."""
        self.process.start(self._answers, STARTING_S)

    def stop(self) -> None:
        self.process.kill()

    def sign_in(self, address: str, who: str) -> str:
        """Go where the companion sent the browser, sign in as `who`, and return where the provider sends it back to."""
        with requests.Session() as browser:
            url = f"{address}&login_hint={who}"
            while url.startswith(self.issuer):
                answer = browser.get(url, allow_redirects=False, timeout=10)
                assert answer.status_code in (302, 303), f"{answer.status_code} at {url}: {answer.text}"
                url = requests.compat.urljoin(url, answer.headers["Location"])
        return url

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).status_code == 200
        except requests.RequestException:
            return False


def _installed() -> Path:
    return installed_once(f"identity-provider-{digest_of(MANIFEST, VERSION)}", _install)


def _install(folder: Path) -> None:
    for path in MANIFEST:
        shutil.copy(path, folder)
    run_logged(
        "Installing the identity provider",
        [npm(), "install", "--ignore-scripts", "--no-audit", "--no-fund"],
        folder=folder,
        environment=node_environment(),
        timeout_s=300,
    )
