"""A font for pictures with Chinese in them, out of those that the machine has."""

from __future__ import annotations

TELLING = "公开条例复议图"  # a font that has these has what reports print
# Names that are nearly always right, best first; without any of them every font is looked into.
USUAL = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei"),
    *("WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB", "AR PL UMing CN"),
)
MISSING = (
    "No font with Chinese characters was found: they show as boxes. "
    "On Debian or Ubuntu `apt-get install fonts-noto-cjk` brings one, then start anew."
)


def find_chinese_font() -> str | None:
    """The name of a font with Chinese characters as matplotlib knows it; `None` where the machine has none."""
    from matplotlib.font_manager import fontManager

    files = {entry.name: entry.fname for entry in fontManager.ttflist}
    order = [*(name for name in USUAL if name in files), *sorted(files.keys() - set(USUAL))]
    return next((name for name in order if _has_characters(files[name])), None)


def _has_characters(path: str) -> bool:
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(path)
    except (RuntimeError, OSError):  # a format that it cannot read, or a file that went away
        return False
    return all(font.get_char_index(ord(character)) for character in TELLING)


def use_chinese_font() -> str:
    """Make all figures from now on show Chinese; says which font is used, or what to install."""
    import matplotlib as mpl

    name = find_chinese_font()
    if name is None:
        return MISSING
    mpl.rcParams["font.family"] = [name, *mpl.rcParamsDefault["font.family"]]
    mpl.rcParams["axes.unicode_minus"] = False
    return f"Chinese is shown in {name}."
