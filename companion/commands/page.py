"""`handoff page`: the approvers' page as a folder for a static host, with the headers that this service would send."""

import json
import os
import shutil
from pathlib import Path

import click

from companion.bootstrap import built_page, origin_of
from companion.settings.values import address
from companion.web.headers import IMMUTABLE, NO_STORE, page_headers

UNHASHED = ("/", "/index.html", "/config.json")
"""What keeps its name when it changes, so that no cache may hold it."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--api", required=True, metavar="URL", help="Address of the companion, as browsers reach it.")
def page(folder: Path, api: str) -> None:
    """Write the page into FOLDER, ready for Cloudflare Pages or another static host.

    The companion must know the page's address: set HANDOFF_PAGE_URL there.
    """
    configured = os.environ.get("HANDOFF_PAGE_DIR")
    built = built_page(Path(configured) if configured else None)
    if built is None:
        raise click.ClickException("The page was not built here: run `npm run build` in handoff_ui first.")
    try:
        api = address(api, https=False)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--api") from None
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty; name a folder that is.")
    shutil.copytree(built, folder, dirs_exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"api_base": f"{api}/"}) + "\n")
    (folder / "_headers").write_text(headers_file(api))
    click.echo(f"The page for the companion at {api} is in {folder}. There, set HANDOFF_PAGE_URL to its address.")


def headers_file(api: str) -> str:
    """The rules as Cloudflare Pages and Netlify read them.

    They join what several rules say about one name, so no path gets a name from two of them.
    """
    # The origin alone: a source with a path that has no slash at its end allows that one path only.
    common = page_headers(f"'self' {origin_of(api)}")
    rules = [("/*", common), *((path, {"Cache-Control": NO_STORE}) for path in UNHASHED)]
    rules.append(("/assets/*", {"Cache-Control": IMMUTABLE}))
    return "".join(
        f"{path}\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items()) for path, headers in rules
    )
