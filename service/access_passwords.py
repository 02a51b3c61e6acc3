"""Passwords, session keys and API tokens: how they are made, hashed and checked. Nothing secret is stored as it is."""

from __future__ import annotations

import functools
import hashlib
import secrets

MIN_PASSWORD = 10  # characters
MAX_PASSWORD = 200
TOKEN_PREFIX = "gouji_"  # so that scanners for leaked secrets can tell a token
TOKEN_BYTES = 32


class PasswordError(ValueError):
    """A password that is refused; the message says why."""


def hash_password(password: str) -> str:
    """A password as an argon2id string with its own salt (RFC 9106, the library's defaults: 64 MB, 3 passes).

    Raises `PasswordError` for one that is too short, too long, or a single character repeated.
    """
    if len(password) < MIN_PASSWORD:
        raise PasswordError(f"密码至少 {MIN_PASSWORD} 位 / a password has at least {MIN_PASSWORD} characters")
    if len(password) > MAX_PASSWORD:
        raise PasswordError(f"密码至多 {MAX_PASSWORD} 位 / a password has at most {MAX_PASSWORD} characters")
    if len(set(password)) < 4:
        raise PasswordError("密码至少有四个不同的字符 / a password has at least four different characters")
    import argon2

    return argon2.PasswordHasher().hash(password)


def check_password(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed; without a hash it takes as long and is false."""
    import argon2

    known = password_hash if password_hash is not None else _hash_nothing()
    try:
        argon2.PasswordHasher().verify(known, password[: MAX_PASSWORD + 1])
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return password_hash is not None


@functools.cache
def _hash_nothing() -> str:
    """A hash that no password has, so that a name nobody has cannot be told by the time of the answer."""
    import argon2

    return argon2.PasswordHasher().hash(secrets.token_urlsafe(TOKEN_BYTES))


def make_key() -> str:
    """A random key that cannot be guessed, fit for URLs and headers."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def make_token() -> str:
    """A new API token, to be shown once."""
    return TOKEN_PREFIX + make_key()


def hash_key(key: str) -> str:
    """What is stored of a random key or token. It has 256 bits of chance, so that a fast hash is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def same_key(one: str, other: str) -> bool:
    """Whether two keys are the same, in a time that does not tell where they differ."""
    return secrets.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
