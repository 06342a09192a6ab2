"""The embedded store: one data folder, and the one Valkey process that serves it."""

from companion.embedded.folder import DataFolder, DataFolderError, FolderInUseError
from companion.embedded.reasons import StoreError
from companion.embedded.server import EmbeddedStore, address_of, await_store, binary, version

__all__ = [
    "DataFolder",
    "DataFolderError",
    "EmbeddedStore",
    "FolderInUseError",
    "StoreError",
    "address_of",
    "await_store",
    "binary",
    "version",
]
