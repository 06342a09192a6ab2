"""An S3 bucket that behaves as the real ones do: SeaweedFS, with Object Lock, versions and conditional writes."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.system.ports import free_port
from tests.system.processes import Server, ServerProcess

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

START_TIMEOUT_S = 60.0
REGION = "auto"  # what Cloudflare R2 wants to hear


class Bucket(Server):
    """One bucket and the keys to it; its objects survive a restart in the same folder."""

    access_key = "handoff-local"
    secret_key = "handoff-local-secret"

    def __init__(
        self, folder: Path, *, name: str = "handoff", port: int | None = None, object_lock: bool = True
    ) -> None:
        self.name = name
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._object_lock = object_lock
        (folder / "data").mkdir(parents=True, exist_ok=True)
        super().__init__(
            ServerProcess(
                "SeaweedFS",
                self._command(),
                folder=folder,
                log=folder / "bucket.log",
                environment={"HOME": str(folder)},
            )
        )

    def start(self) -> None:
        """Returns when the bucket exists and takes an object."""
        self._write_identities()
        client = self.client()
        self._process.start(lambda: _succeeds(lambda: self._make_usable(client)), START_TIMEOUT_S)

    def stop(self) -> None:
        """At once: its own orderly end takes 15 s, and what it acknowledged is in its files."""
        self._process.kill()

    def client(self) -> "S3Client":
        """For asserting on what is in the bucket."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, proxies={}, retries={"total_max_attempts": 1}),
        )

    def keys(self, prefix: str = "") -> list[str]:
        """The names of all objects under a prefix, sorted."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))

    def read(self, key: str) -> bytes:
        return self.client().get_object(Bucket=self.name, Key=key)["Body"].read()

    def n8n_credential(self) -> dict[str, object]:
        """The data of n8n's credential of type `s3`."""
        return {
            "endpoint": self.url,
            "region": REGION,
            "accessKeyId": self.access_key,
            "secretAccessKey": self.secret_key,
            "forcePathStyle": True,
            "ignoreSSLIssues": False,
        }

    def _make_usable(self, client: "S3Client") -> bool:
        names = [entry["Name"] for entry in client.list_buckets()["Buckets"]]
        if self.name not in names:
            client.create_bucket(Bucket=self.name, ObjectLockEnabledForBucket=self._object_lock)
        # The gateway answers before a volume can be written; a test must not be the one to find out.
        client.put_object(Bucket=self.name, Key=".ready", Body=b"")
        for version in client.list_object_versions(Bucket=self.name, Prefix=".ready").get("Versions", []):
            client.delete_object(Bucket=self.name, Key=".ready", VersionId=version["VersionId"])
        return True

    def _write_identities(self) -> None:
        credentials = [{"accessKey": self.access_key, "secretKey": self.secret_key}]
        identity = {"name": "handoff", "credentials": credentials, "actions": ["Admin"]}
        (self._folder / "s3.json").write_text(json.dumps({"identities": [identity]}))

    def _command(self) -> list[str]:
        weed = Path(sys.executable).parent / "weed"
        ports = {
            part: free_port()
            for part in ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3.grpc")
        }
        options = {
            "dir": self._folder / "data",
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "filer": "true",
            "s3": "true",
            "s3.config": self._folder / "s3.json",
            "s3.port": self.port,
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "master.telemetry": "false",
            "master.volumeSizeLimitMB": 64,
            "master.volumePreallocate": "false",
            "volume.max": 50,
            **{
                name.replace(".grpc", "") + (".port.grpc" if "grpc" in name else ".port"): port
                for name, port in ports.items()
            },
        }
        return [str(weed), "server", *(f"-{name}={value}" for name, value in options.items())]


def _succeeds(call: Callable[[], bool]) -> bool:
    try:
        return call()
    except (BotoCoreError, ClientError):
        return False
