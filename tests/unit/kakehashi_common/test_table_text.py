"""The encodings of tables that people save."""

import pytest

from kakehashi_common.table_text import EncodingError, decode_table

TEXT = "社員番号,氏名\r\ns-1042,髙橋 ①子\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("text", [TEXT, "member_id,name\ns-1,Sato\n", "ｶﾅ,半角\n", "", "邉,1\n"])
def test_the_encoding_is_found(text: str, encoding: str) -> None:
    assert decode_table(text.encode(encoding)) == text


def test_the_encoding_of_mails_is_read() -> None:
    text = "社員番号,氏名\r\ns-1042,佐藤 花子\r\n"
    assert decode_table(text.encode("iso2022_jp")) == text


@pytest.mark.parametrize(
    ("raw", "line", "reason"),
    [
        (b"a\n\x1b$B\xff\xff", 2, "the file is damaged ISO-2022-JP (JIS)"),
        (TEXT.encode("utf-16"), 1, "the file is UTF-16"),
        (TEXT.encode().replace("橋".encode(), b"\xe6\xa9"), 2, "the file holds bytes that are not"),
        (TEXT.encode().replace("橋".encode(), b"\x8b\xb4"), 2, "the file holds bytes that are not"),
        (b"a,b\nc,\x81", 2, "the file is neither UTF-8 nor CP932 (Shift_JIS)"),
    ],
    ids=[
        "damaged JIS",
        "UTF-16",
        "cut off within a character",
        "one cell in CP932",
        "half a character",
    ],
)
def test_other_bytes_are_refused_with_line_and_fix(raw: bytes, line: int, reason: str) -> None:
    with pytest.raises(EncodingError) as refused:
        decode_table(raw)
    assert refused.value.line == line
    assert str(refused.value).startswith(reason)
    assert str(refused.value).endswith(": save it as UTF-8")
