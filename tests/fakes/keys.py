"""A sealing key that is known already, where the program has one in a file."""

from dataclasses import dataclass

from record.sealing import SealingKey


@dataclass(frozen=True, slots=True)
class HeldKey:
    held: SealingKey

    def key(self, *, create: bool = False) -> SealingKey:
        return self.held
