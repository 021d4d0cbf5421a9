"""The errors of the library."""

from __future__ import annotations


class SecretStorageException(Exception):
    """What every error of the library is."""


class SecretServiceNotAvailableException(SecretStorageException):
    """No bus, or nobody on it."""


class ItemNotFoundException(SecretStorageException):
    """No such entry or collection."""
