"""Column types that mean the same on SQLite and on PostgreSQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, LargeBinary
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from record.moments import cut, from_ms, to_ms


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC to the millisecond.

    PostgreSQL has a type for it; SQLite gets whole milliseconds since 1970, which sort and compare
    as moments do and leave no room for a text without a zone.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True, precision=3))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return cut(value) if dialect.name == "postgresql" else to_ms(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return cut(value) if dialect.name == "postgresql" else from_ms(value)


class Digest(TypeDecorator[str]):
    """SHA-256: hexadecimal in the program, 32 bytes in the table."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else bytes(value).hex()
