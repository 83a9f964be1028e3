"""A sealing key that is known already, where the program has one in a file."""

from dataclasses import dataclass

from record.errors import KeyUnusable
from record.sealing import SealingKey


@dataclass(slots=True)
class HeldKey:
    """`held` None: the file is gone."""

    held: SealingKey | None

    def key(self, *, create: bool = False) -> SealingKey:
        if self.held is None:
            raise KeyUnusable("evidence.key", "no such file or directory")
        return self.held
