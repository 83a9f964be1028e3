"""The table of `site import`: bytes of a CSV to rows, and what is wrong with each, by its column.

Pure: knows neither store nor network, nor what became of the rows before. The columns stand in
docs/cameras.md.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from record.cameras import WHIP, Camera, CameraUrl, Transport
from record.drawing import check_camera
from record.errors import Invalid
from record.ids import CameraId, SiteId, new_id

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 5000
NEEDED = ("site", "camera", "url")
COLUMNS = (
    "unit",
    *NEEDED,
    "short_name",
    "sub_url",
    "username",
    "password",
    "transport",
    "main_evidence",
    "enabled",
)
ALIASES: Mapping[str, str] = {
    "mã đơn vị": "unit",
    "khu cách ly": "site",
    "tên camera": "camera",
    "name": "camera",
    "tên ngắn": "short_name",
    "đường dẫn": "url",
    "luồng phụ": "sub_url",
    "tài khoản": "username",
    "mật khẩu": "password",
    "giao vận": "transport",
    "bật": "enabled",
}
"""Headings that mean a column as well."""
_YES = frozenset({"1", "yes", "true", "x", "có", "đúng"})
_NO = frozenset({"0", "no", "false", "không", "sai"})
_UNTOLD = SiteId("not-known-yet")


@dataclass(frozen=True, slots=True)
class Row:
    """One camera of the table that is fine in itself."""

    number: int
    """Line of the table as a spreadsheet counts: the headings are 1."""
    unit: str
    site: str
    """Id or name."""
    camera: Camera
    """Of a site that is not known yet."""


@dataclass(frozen=True, slots=True)
class Refused:
    """`reason` repeats nothing secret."""

    number: int
    site: str
    name: str
    column: str
    reason: str


def read_table(data: bytes) -> list[Row | Refused]:
    """Every row that is not empty, in order. Raises `Invalid` where the table itself is none."""
    if len(data) > MOST_BYTES:
        raise Invalid("file", f"is larger than {MOST_BYTES // 1024 // 1024} MiB")
    lines = csv.reader(io.StringIO(_text(data)), delimiter=_delimiter(data), strict=True)
    try:
        columns = _columns(next(lines, []))
        return [_row(number, cells) for number, cells in _cells(lines, columns)]
    except csv.Error as error:
        raise Invalid("file", f"is no CSV near line {lines.line_num}: {error}") from None


def _text(data: bytes) -> str:
    """UTF-8 with or without its mark, or UTF-16 with it, as Excel's "Unicode text" is; composed, so
    that a name typed on another keyboard is the same name."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        reason = 'is not UTF-8; in Excel save it as "CSV UTF-8 (comma delimited)"'
        raise Invalid("file", reason) from None
    if "\x00" in text:
        raise Invalid("file", "is no text")
    return unicodedata.normalize("NFC", text)


def _delimiter(data: bytes) -> str:
    """What stands most often in the headings. A Vietnamese Windows writes semicolons."""
    first = _text(data).split("\n", 1)[0]
    return max(";", ",", "\t", key=lambda mark: (first.count(mark), mark == ","))


def _columns(headings: list[str]) -> list[str]:
    found = []
    for heading in headings:
        plain = " ".join(heading.strip().lower().split())
        name = ALIASES.get(plain, plain.replace(" ", "_"))
        if name and name not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise Invalid("file", f"has a column {heading[:40]!r}; the columns are {known}")
        if name and name in found:
            raise Invalid("file", f"has the column {name!r} twice")
        found.append(name)
    for name in NEEDED:
        if name not in found:
            raise Invalid("file", f"has no column {name!r}; the first line names the columns")
    return found


def _cells(lines: Iterator[list[str]], columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    count = 0
    for number, line in enumerate(lines, start=2):
        cells = {name: cell.strip() for name, cell in zip(columns, line, strict=False) if name}
        if not any(cells.values()):
            continue
        count += 1
        if count > MOST_ROWS:
            raise Invalid("file", f"has more than {MOST_ROWS} cameras; split it")
        if any(cell.strip() for cell in line[len(columns) :]):
            cells["extra"] = "there"
        yield number, cells


def _row(number: int, cells: Mapping[str, str]) -> Row | Refused:
    site, name = cells.get("site", ""), cells.get("camera", "")
    try:
        camera = _camera(cells)
    except Invalid as refused:
        column = {"name": "camera"}.get(refused.field, refused.field)
        return Refused(number, site[:120], name[:120], column, refused.reason)
    return Row(number, cells.get("unit", ""), site, camera)


def _camera(cells: Mapping[str, str]) -> Camera:
    """Raises `Invalid` naming the column."""
    if "extra" in cells:
        raise Invalid("row", "has more cells than there are headings; is a comma unquoted?")
    for needed in NEEDED:
        if not cells.get(needed):
            raise Invalid(needed, "is empty")
    url = _url(cells)
    sub = cells.get("sub_url", "")
    return check_camera(
        Camera(
            id=CameraId(new_id()),
            site=_UNTOLD,
            name=cells["camera"],
            url=url,
            short_name=cells.get("short_name", ""),
            sub_url=CameraUrl.parse(sub, where="sub_url").beside(url) if sub else None,
            transport=_transport(cells.get("transport", "")),
            main_evidence=_flag(cells, "main_evidence", absent=False),
            enabled=_flag(cells, "enabled", absent=True),
        )
    )


def _url(cells: Mapping[str, str]) -> CameraUrl:
    url = CameraUrl.parse(cells["url"])
    username, password = cells.get("username", ""), cells.get("password", "")
    if not username and not password:
        return url
    if url.username is not None:
        raise Invalid("username", "stands in the url as well; leave one of the two out")
    if not username:
        raise Invalid("username", "is empty beside a password")
    if url.address == WHIP:
        raise Invalid("username", "is of no use to a camera that publishes to us")
    return url.signed_in(username, password)


def _transport(text: str) -> Transport:
    try:
        return Transport(text.lower()) if text else Transport.TCP
    except ValueError:
        known = ", ".join(one.value for one in Transport)
        raise Invalid("transport", f"{text[:20]!r} is none of {known}") from None


def _flag(cells: Mapping[str, str], column: str, *, absent: bool) -> bool:
    text = cells.get(column, "").lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    if text:
        raise Invalid(column, f"{text[:20]!r} is neither yes nor no")
    return absent
