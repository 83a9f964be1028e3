"""`site import`: tables as people export them, refusals by column, and nothing written in part."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from typer.testing import CliRunner, Result

from record.cameras import Transport
from record.errors import Invalid
from record.places import EVERYTHING
from record.store import Store
from tests.wardwatch.workers import SITE, UNIT, new_store
from wardwatch.cli import app
from wardwatch.import_table import MOST_BYTES, MOST_ROWS, Refused, Row, read_table
from wardwatch.site_import import write_table

SECRET = "mật-khẩu;hunter2"
HEAD = "site,camera,url"


def table(*lines: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *lines]).encode()


def only(data: bytes) -> Row | Refused:
    (row,) = read_table(data)
    return row


def test_a_row_becomes_a_camera_with_its_password_apart() -> None:
    row = only(
        table(
            '20194,KTX,Cổng chính,Cổng,rtsp://10.0.0.7/main,rtsp://10.0.0.7/sub,admin,"p;,w",UDP,có,no',
            head="unit,site,camera,short_name,url,sub_url,username,password,transport,"
            "main_evidence,enabled",
        )
    )
    assert isinstance(row, Row)
    camera = row.camera
    assert (row.number, row.unit, row.site) == (2, "20194", "KTX")
    assert (camera.name, camera.short_name) == ("Cổng chính", "Cổng")
    assert camera.url.with_credentials() == "rtsp://admin:p%3B%2Cw@10.0.0.7/main"
    assert camera.sub_url is not None
    assert camera.sub_url.password == "p;,w"
    assert (camera.transport, camera.main_evidence) == (Transport.UDP, True)
    assert camera.enabled is False


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_whatever_excel_writes_is_read(encoding: str, mark: str) -> None:
    head = mark.join(["Khu cách ly", "Tên camera", "Đường dẫn", "Mật khẩu", "Tài khoản"])
    cells = ["KTX Hòa Khánh", "Cổng chính", "rtsp://10.0.0.7/a,b", SECRET, "admin"]
    line = mark.join(f'"{cell}"' for cell in cells)
    row = only(f"{head}\r\n{line}\r\n;;;;\r\n".replace(";;;;", mark * 4).encode(encoding))
    assert isinstance(row, Row)
    assert (row.site, row.camera.name) == ("KTX Hòa Khánh", "Cổng chính")
    assert row.camera.url.password == SECRET


def test_a_name_typed_in_pieces_is_the_same_name() -> None:
    row = only(table("KTX,Cô\u0309ng,rtsp://h/1"))
    assert isinstance(row, Row)
    assert row.camera.name == "C\u1ed5ng"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("KTX,,rtsp://h/1", "camera"),
        (",Cổng,rtsp://h/1", "site"),
        ("KTX,Cổng,", "url"),
        ("KTX,Cổng,http://h/1", "url"),
        (f"KTX,Cổng,rtsp://a:{SECRET}@[::1/", "url"),
        ("KTX,Cổng,rtsp://h/1 2", "url"),
        ("KTX,Cổng,rtsp://h/1,extra", "row"),
    ],
)
def test_what_is_wrong_is_told_by_its_column(line: str, column: str) -> None:
    row = only(table(line))
    assert isinstance(row, Refused)
    assert (row.number, row.column) == (2, column)
    assert row.reason
    assert SECRET not in row.reason


@pytest.mark.parametrize(
    ("more", "cell", "column"),
    [
        ("username,password", f",{SECRET}", "username"),
        ("username,password", f"a:b,{SECRET}", "username"),
        ("username,password", f"a,{SECRET}\x07", "username"),
        ("transport", "pigeon", "transport"),
        ("enabled", "perhaps", "enabled"),
        ("main_evidence", "yes", "main_evidence"),
        ("sub_url", "http://h/2", "sub_url"),
        ("sub_url", "whip:", "sub_url"),
        ("short_name", "x" * 15, "short_name"),
    ],
)
def test_further_columns_are_checked_as_well(more: str, cell: str, column: str) -> None:
    row = only(table(f"KTX,Cổng,rtsp://h/1,{cell}", head=f"{HEAD},{more}"))
    assert isinstance(row, Refused)
    assert row.column == column
    assert SECRET not in row.reason


def test_credentials_stand_in_one_place() -> None:
    row = only(table("KTX,Cổng,rtsp://a:b@h/1,c,d", head=f"{HEAD},username,password"))
    assert isinstance(row, Refused)
    assert row.column == "username"


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("KTX,Cổng,rtsp://admin:50%2540%40@10.0.0.7/main,rtsp://10.0.0.7/sub,,", "in the address"),
        ("KTX,Cổng,rtsp://10.0.0.7/main,rtsp://10.0.0.7/sub,admin,50%40@", "in cells"),
    ],
)
def test_a_password_is_encoded_in_an_address_and_as_it_is_in_a_cell(line: str, head: str) -> None:
    row = only(table(line, head=f"{HEAD},sub_url,username,password"))
    assert isinstance(row, Row), head
    sub = row.camera.sub_url
    assert sub is not None
    assert row.camera.url.password == sub.password == "50%40@"
    assert row.camera.url.with_credentials() == "rtsp://admin:50%2540%40@10.0.0.7/main"
    assert sub.with_credentials() == "rtsp://admin:50%2540%40@10.0.0.7/sub"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        table(head="site,camera"),
        table(head="site,camera,url,colour"),
        table(head="site,camera,url,url"),
        "site,camera,url\nKTX,C\u1ed5ng,rtsp://h".encode("utf-16-le"),
        "site,camera,url\nKTX,Cổng,rtsp://h".encode("cp1258", "replace") + b"\xff",
        table('KTX,"Cổng,rtsp://h/1'),
        table(*[f"KTX,{n},rtsp://h/{n}" for n in range(MOST_ROWS + 1)]),
        table("KTX,Cổng,rtsp://h/1" + " " * MOST_BYTES),
    ],
    ids=["empty", "blank", "lacks", "unknown", "twice", "utf-16", "cp1258", "quote", "long", "big"],
)
def test_what_is_no_table_is_refused_whole(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_table(data)
    assert refused.value.field == "file"


@given(some.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for start in (b"", HEAD.encode() + b"\n"):
        try:
            rows = read_table(start + data)
        except Invalid:
            continue
        assert all(isinstance(row, Row | Refused) for row in rows)


def names(store: Store) -> list[tuple[str, str]]:
    with store.read(EVERYTHING) as record:
        sites = {site.id: site.name for site in record.sites.list()}
        return [(sites[camera.site], camera.name) for camera in record.cameras.list()]


HALF = table(
    f"{SITE},Cổng,rtsp://h/1,",
    "site,Sân,rtsp://h/2,",
    "Trường mới,Cổng,rtsp://h/3,ward",
    "Không có,Cổng,rtsp://h/4,",
    "Xa,Cổng,rtsp://h/5,no-such-unit",
    head=f"{HEAD},unit",
)


def test_good_rows_go_in_and_a_second_time_none_does(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        rows = read_table(HALF.replace(b"ward", str(UNIT).encode()))
        done = write_table(store, rows)
        assert [(one.column, one.made_site) for one in done.outcomes] == [
            ("", False),
            ("", False),
            ("", True),
            ("site", False),
            ("unit", False),
        ]
        assert names(store) == [("Site", "Cổng"), ("Site", "Sân"), ("Trường mới", "Cổng")]
        again = write_table(store, read_table(HALF.replace(b"ward", str(UNIT).encode())))
        assert [one.column for one in again.outcomes] == ["camera"] * 3 + ["site", "unit"]
        assert len(names(store)) == 3


@pytest.mark.parametrize(("all_or_nothing", "dry_run"), [(True, False), (False, True)])
def test_nothing_is_written_in_part(tmp_path: Path, all_or_nothing: bool, dry_run: bool) -> None:
    with new_store(tmp_path) as store:
        rows = read_table(HALF.replace(b"ward", str(UNIT).encode()))
        done = write_table(store, rows, all_or_nothing=all_or_nothing, dry_run=dry_run)
        assert (done.written, done.refused) == (False, 2)
        with store.read(EVERYTHING) as record:
            assert record.cameras.list() == ()
            assert [site.name for site in record.sites.list()] == ["Site"]
        good = write_table(store, rows[:3], all_or_nothing=True)
        assert (good.written, good.refused) == (True, 0)
        assert len(names(store)) == 3


EVERY_WAY = pytest.mark.parametrize(
    ("all_or_nothing", "dry_run"),
    [(False, False), (True, False), (False, True)],
    ids=["each", "all", "dry"],
)


@EVERY_WAY
def test_the_same_name_at_a_site_or_the_same_address_is_refused_the_second_time(
    tmp_path: Path, all_or_nothing: bool, dry_run: bool
) -> None:
    lines = ("A,Cổng,rtsp://h/1", "A,cổng,rtsp://h/2", "B,Cổng,rtsp://h/3", "B,Sân,rtsp://h/3")
    head = f"unit,{HEAD}"
    with new_store(tmp_path) as store:
        rows = read_table(table(*(f"{UNIT},{line}" for line in lines), head=head))
        done = write_table(store, rows, all_or_nothing=all_or_nothing, dry_run=dry_run)
    assert [(one.column, one.reason) for one in done.outcomes] == [
        ("", ""),
        ("camera", "stands in row 2 already, at the same site"),
        ("", ""),
        ("url", "is that of row 4 already"),
    ]


@EVERY_WAY
def test_a_row_that_was_refused_takes_neither_a_name_nor_an_address(
    tmp_path: Path, all_or_nothing: bool, dry_run: bool
) -> None:
    lines = (
        "no-such-unit,A,Cổng,rtsp://h/1",
        f"{UNIT},A,Cổng,rtsp://h/1",
        f"{UNIT},A,Sân,rtsp://h/1",
        f"{UNIT},A,Sân,rtsp://h/2",
        f"{UNIT},B,Cổng,rtsp://h/2",
        ",B,Cổng,rtsp://h/3",
    )
    with new_store(tmp_path) as store:
        rows = read_table(table(*lines, head=f"unit,{HEAD}"))
        done = write_table(store, rows, all_or_nothing=all_or_nothing, dry_run=dry_run)
    assert [one.column for one in done.outcomes] == ["unit", "", "url", "", "url", "site"]
    assert [one.reason for one in done.outcomes if one.column == "url"] == [
        "is that of row 3 already",
        "is that of row 5 already",
    ]


def test_five_hundred_as_a_spreadsheet_of_a_vietnamese_windows_writes_them(tmp_path: Path) -> None:
    """With its mark, semicolons, CRLF, quotes, diacritics in pieces, rows that stand twice, and
    lines with nothing in them."""
    lines = []
    for n in range(500):
        site, place = f"Khu cách ly {n // 8}, KTX", f"Hành lang {n % 8}; tầng 1"
        lines.append(f'{UNIT};"{site}";"{place}";rtsp://10.0.{n // 8}.{n % 8}/1')
        if n % 100 == 99:
            lines += [lines[-1], ";;;"]
    text = "\r\n".join(["Mã đơn vị;Khu cách ly;Tên camera;Đường dẫn", *lines, ""])
    rows = read_table(unicodedata.normalize("NFD", text).encode("utf-8-sig"))
    twice = (102, 204, 306, 408, 510)
    with new_store(tmp_path) as store:
        tried = write_table(store, rows, all_or_nothing=True)
        assert (tried.written, tried.refused, names(store)) == (False, 5, [])
        assert [(one.number, one.reason) for one in tried.outcomes if one.refused] == [
            (number, f"is that of row {number - 1} already") for number in twice
        ]
        done = write_table(store, [r for r in rows if r.number not in twice], all_or_nothing=True)
        assert (done.written, done.refused) == (True, 0)
        kept = names(store)
        assert len(kept) == 500
        assert ("Khu cách ly 62, KTX", "Hành lang 3; tầng 1") in kept
        with store.read(EVERYTHING) as record:
            assert len(record.sites.list()) == 64


# The command


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARDWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("WARDWATCH_DATABASE_URL", raising=False)
    assert run("db", "upgrade").exit_code == 0
    assert run("unit", "add", "20194", "Phường Hòa Khánh").exit_code == 0
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_the_report_names_rows_and_columns_and_no_password(node: Path) -> None:
    file = node / "cameras.csv"
    file.write_bytes(
        table(
            f'20194;KTX;Cổng;rtsp://10.0.0.7/1;admin;"{SECRET}"',
            f"20194;KTX;Sân;http://x:{SECRET.replace(';', '')}@10.0.0.7/2;;",
            head="unit;site;camera;url;username;password",
        )
    )
    strict = run("site", "import", str(file), "--all-or-nothing", "--json")
    assert strict.exit_code == 2
    report = json.loads(strict.stdout)
    assert (report["written"], report["added"], report["refused"]) == (False, 1, 1)
    assert [(row["row"], row["ok"], row["column"]) for row in report["rows"]] == [
        (2, True, None),
        (3, False, "url"),
    ]
    shown = run("site", "import", str(file), "--dry-run")
    done = run("site", "import", str(file))
    assert (shown.exit_code, done.exit_code) == (2, 1)
    for printed in (strict.output, shown.output, done.output):
        assert "hunter2" not in printed
        assert "admin" not in printed
    assert "1 added, 1 refused" in done.output


def test_a_file_that_is_no_table_is_one_line_and_exit_code_2(node: Path) -> None:
    (node / "x.csv").write_bytes(b"\xff\x00")
    for file in ("x.csv", "missing.csv"):
        done = run("site", "import", file)
        assert (done.exit_code, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1


def test_probed_rows_say_what_was_seen(node: Path) -> None:
    (node / "x.csv").write_bytes(table("20194,KTX,Cổng,rtsp://203.0.113.7/1", head=f"unit,{HEAD}"))
    done = run("site", "import", "x.csv", "--probe", "--json")
    assert done.exit_code == 0
    verdict = json.loads(done.stdout)["rows"][0]["verdict"]
    assert (verdict["grade"], verdict["word"]) == ("unusable", "network_not_allowed")
