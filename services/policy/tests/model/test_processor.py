import pytest
from make_settings import make_settings

from ssp_policy.model import processor

WITHOUT = "processor : 0\nflags : fpu avx2 avx512f avx512vl\n"


@pytest.mark.parametrize(
    ("info", "lacks"),
    [
        (WITHOUT, True),
        ("flags : fpu avx512f avx512_bf16\n", False),
        ("flags : fpu avx2 amx_bf16\n", False),
        ("Features : fp asimd bf16 i8mm\n", False),
        ("Features : fp asimd\n", True),
        ("", False),
    ],
)
def test_processors_without_bf16_are_known_by_their_flags(info, lacks):
    assert processor.lacks_bf16(info) is lacks


@pytest.mark.parametrize(("dtype", "warnings"), [("bf16", 1), ("fp32", 0), ("auto", 0)])
def test_bf16_without_instructions_for_it_is_warned_of(
    tmp_path, monkeypatch, caplog, dtype, warnings
):
    (tmp_path / "cpuinfo").write_text(WITHOUT)
    monkeypatch.setattr(processor, "_CPU_INFO", tmp_path / "cpuinfo")
    processor.warn_of_slow_numbers(make_settings(tmp_path, dtype=dtype))
    assert [row.message for row in caplog.records] == ["bf16 is slow here"] * warnings
