"""Units as people write them: packs name them in English, and in Vietnamese where no other pack has the same."""

from __future__ import annotations

from typing import Final

from city.language import Language

_VIETNAMESE: Final = {
    "vehicles": "xe",
    "vehicles/min": "xe/phút",
    "sensors": "cảm biến",
    "records/s": "bản ghi/s",
    "records": "bản ghi",
    "windows": "cửa sổ",
    "reports": "báo cáo",
}


def written(unit: str, language: Language, vi: str = "") -> str:
    """The unit as a person of that language writes it (`vi`: the pack's own word for it in Vietnamese)."""
    return unit if language is Language.EN else vi or _VIETNAMESE.get(unit, unit)
