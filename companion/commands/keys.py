"""`handoff key` and `handoff signing-key`: credentials of automations, and the keys that sign package tokens."""

from pathlib import Path
from typing import Any

import click

from companion.commands.acting import operator
from companion.commands.places import data_option, json_option, services_at
from companion.commands.shown import moment, show, show_list
from companion.identity.credentials import ALL_SCOPES, ApiKey


@click.group()
def key() -> None:
    """API keys: what n8n and other automations sign in with. They open and read handoffs; they never decide."""


@key.command("create")
@click.option("--label", default="n8n", show_default=True, help="What the key is for, to find it again.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(ALL_SCOPES), help="Repeatable; all when left out.")
@click.option("--workflow", "workflows", multiple=True, help="Repeatable; all workflows when left out.")
@data_option
@json_option
def key_create(
    label: str, scopes: tuple[str, ...], workflows: tuple[str, ...], data: Path | None, as_json: bool
) -> None:
    """Make an API key and its signing secret. Both are shown this once."""
    with services_at(data) as services:
        made, api_key, signing_secret = services.directory.create_api_key(
            label, scopes or ALL_SCOPES, workflows or None, actor=operator()
        )
        base_url = services.settings.public_url
    text = (
        "Put these into the n8n credential “Handoff API”. They are shown this once.\n\n"
        f"  Base URL        {base_url}\n"
        f"  API Key         {api_key}\n"
        f"  Signing Secret  {signing_secret}"
    )
    show(_shown(made) | {"api_key": api_key, "signing_secret": signing_secret, "url": base_url}, as_json, text)


@key.command("list")
@data_option
@json_option
def key_list(data: Path | None, as_json: bool) -> None:
    """List the API keys; their secrets are not kept and cannot be shown."""
    with services_at(data) as services:
        keys = [_shown(each) for each in services.directory.list_api_keys()]
    show_list(keys, as_json, "There is no API key yet; make one with: handoff key create")


@key.command("revoke")
@click.argument("key_id", metavar="ID")
@data_option
def key_revoke(key_id: str, data: Path | None) -> None:
    """End an API key. It is refused within a second; its open handoffs go on."""
    with services_at(data) as services:
        services.directory.revoke_api_key(key_id, actor=operator())
    click.echo(f"Revoked {key_id}.")


@key.command("new-secret")
@click.argument("key_id", metavar="ID")
@data_option
@json_option
def key_new_secret(key_id: str, data: Path | None, as_json: bool) -> None:
    """Give an API key a second signing secret. Callbacks carry both signatures until the old one is dropped."""
    with services_at(data) as services:
        secret = services.directory.rotate_signing_secret(key_id, actor=operator())
    text = f"Signing Secret  {secret}\nPut it into the n8n credential, then run: handoff key drop-old-secret {key_id}"
    show({"id": key_id, "signing_secret": secret}, as_json, text)


@key.command("drop-old-secret")
@click.argument("key_id", metavar="ID")
@data_option
def key_drop_old_secret(key_id: str, data: Path | None) -> None:
    """Sign callbacks with the newest signing secret only."""
    with services_at(data) as services:
        services.directory.drop_older_signing_secret(key_id, actor=operator())
    click.echo(f"{key_id} signs with its newest secret only.")


@click.group("signing-key")
def signing_key() -> None:
    """The keys that sign package tokens. Publish a new one, start it after a minute, retire the old one later."""


@signing_key.command("list")
@data_option
@json_option
def signing_key_list(data: Path | None, as_json: bool) -> None:
    """List the signing keys, newest first."""
    with services_at(data) as services:
        keys = [
            {"kid": each["kid"], "state": each["state"], "created_at": moment(each["created_at_ms"])}
            for each in services.signer.list()
        ]
    show_list(keys, as_json, "There is no signing key yet; the first handoff makes one.")


@signing_key.command("publish")
@data_option
@json_option
def signing_key_publish(data: Path | None, as_json: bool) -> None:
    """Add a key that verifiers can fetch, and that does not sign yet."""
    with services_at(data) as services:
        kid = services.signer.publish()
    show({"kid": kid}, as_json, f"Published {kid}. After a minute: handoff signing-key start {kid}")


@signing_key.command("start")
@click.argument("kid")
@data_option
def signing_key_start(kid: str, data: Path | None) -> None:
    """Let a published key sign from now on."""
    with services_at(data) as services:
        services.signer.start_signing(kid)
    click.echo(f"{kid} signs. Retire the key before it when the tokens that it signed have expired (15 minutes).")


@signing_key.command("rotate")
@data_option
@json_option
def signing_key_rotate(data: Path | None, as_json: bool) -> None:
    """Publish a key and let it sign at once, where verifiers ask for unknown keys or none is running."""
    with services_at(data) as services:
        kid = services.signer.rotate()
    show({"kid": kid}, as_json, f"{kid} signs from now on.")


@signing_key.command("retire")
@click.argument("kid")
@data_option
def signing_key_retire(kid: str, data: Path | None) -> None:
    """Refuse what this key signed, everywhere within a minute."""
    with services_at(data) as services:
        services.signer.retire(kid)
    click.echo(f"Retired {kid}.")


def _shown(made: ApiKey) -> dict[str, Any]:
    return {
        "id": made.id,
        "label": made.label,
        "scopes": list(made.scopes),
        "workflows": "all" if made.workflows is None else list(made.workflows),
        "created_at": moment(made.created_at_ms),
        "revoked_at": moment(made.revoked_at_ms),
    }
