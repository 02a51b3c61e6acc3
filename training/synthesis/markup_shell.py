"""What a content system prints around a report: head, navigation, index card, tools, related articles, footer."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from training.synthesis import chances
from training.synthesis.markup_words import escape_text
from training.synthesis.pages import Page
from training.synthesis.printed import Paragraph

DOCTYPES = (
    "<!DOCTYPE html>",
    "<!doctype html>",
    "",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">',
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">',
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>',
)
METAS = (
    '<meta charset="{}">',
    '<meta charset="{}" />',
    '<META content="text/html; charset={}" http-equiv=Content-Type>',
    '<meta http-equiv="Content-Type" content="text/html; charset={}" />',
    "<meta charset='{}'/>",
)
OTHER_METAS = (
    '<meta name="SiteName" content="政府门户网站">',
    '<meta name="ColumnName" content="政府信息公开年报">',
    '<meta name="viewport" content="width=device-width">',
    '<meta http-equiv="X-UA-Compatible" content="IE=edge">',
    '<meta name="Keywords" content="年报,政府信息公开">',
    '<meta name="ArticleTitle" content="{title}">',
    '<meta name="generator" content="MSHTML 8.00.6001">',
    '<link rel="stylesheet" href="/css/style.css" type="text/css"/>',
)
SCRIPTS = (
    '<script type="text/javascript" src="/js/jquery.min.js"></script>',
    "<script>function doZoom(size){zoom.style.fontSize=size+'px'} var tip='浏览次数：0';</script>",
    '<script type="text/javascript">var _hmt = _hmt || []; if (1 < 2) { document.write("<td>总计</td>"); }</script>',
    "<style>body{font-size:12px} .总计{color:red} td{border:1px solid #ccc}</style>",
    '<script language="javascript">\n<!--\nvar title="信息内容 本年制发件数";\n//-->\n</script>',
    "<noscript><img src='/stat.gif'></noscript>",
    '<style type="text/css">\n/* 正文样式 */\n.bt_content p { text-indent: 2em; }\n</style>',
)
BOXES = {
    "trail": (
        '<div class="position">{}</div>',
        '<div class="dqwz">{}</div>',
        '<p class="crumb">{}</p>',
        "<td class=path>{}</td>",
        '<div class="BreadcrumbNav">{}</div>',
    ),
    "tools": (
        '<div class="xxgk-share">{}</div>',
        '<div class="tools">{}</div>',
        '<p align="right">{}</p>',
        '<span class="fontsize">{}</span>',
    ),
    "source": (
        '<div class="info">{}</div>',
        '<p class="source">{}</p>',
        '<div class="article-info">{}</div>',
        '<h6 style="font-weight:normal">{}</h6>',
    ),
    "foot": ("<p>{}</p>", "<div>{}</div>", "<li>{}</li>"),
}
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of furniture markup with the lines a reader sees in it."""

    markup: str = ""
    lines: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, slots=True)
class Shell:
    """The page without its report: markup before and after it, and the lines a reader sees there."""

    head: str
    foot: str
    under_title: Stretch = field(default_factory=Stretch)
    above: tuple[Paragraph, ...] = ()
    below: tuple[Paragraph, ...] = ()


def draw_shell(page: Page, rng: random.Random, label: str | None, *, plain: bool) -> Shell:
    """A page around the report; `label` is the encoding it claims, `plain` leaves out scripts and side lists."""
    furniture = page.furniture
    above = [
        *_mark_menu(furniture.menu, rng),
        *(_mark_trail(text, rng) for text in furniture.trail),
        _mark_card(furniture.card, rng),
        *_mark_all(furniture.head, "tools", rng),
    ]
    under = _mark_all(furniture.source, "source", rng)
    scripts = [] if plain else [text for text in SCRIPTS if rng.random() < chances.SCRIPTS / 2]
    below = [_mark_related(furniture.related, rng), *_mark_all(furniture.foot, "foot", rng)]
    head = _mark_head(page.title, rng, label, scripts, plain=plain)
    tail = rng.choice(scripts) if scripts and rng.random() < 0.5 else ""
    return Shell(
        head=head + "\n".join(part.markup for part in above),
        foot="\n".join([*(part.markup for part in below), tail, "</body>", "</html>"]),
        under_title=_merge(under),
        above=_merge(above).lines,
        below=_merge(below).lines,
    )


def _mark_head(title: str, rng: random.Random, label: str | None, scripts: Sequence[str], *, plain: bool) -> str:
    metas = (
        []
        if plain
        else [meta.replace("{title}", escape_text(title)) for meta in rng.sample(OTHER_METAS, rng.randint(0, 4))]
    )
    if label is not None:
        metas.insert(0 if rng.random() < 0.8 else len(metas), rng.choice(METAS).format(label))
    shown = escape_text(title) + rng.choice(("", "_政府信息公开年报", " - 政府门户网站"))
    doctype = "<!DOCTYPE html>" if plain else rng.choice(DOCTYPES)
    body = (
        "<body>"
        if plain
        else rng.choice(
            ("<body>", '<body class="article">', "<BODY leftMargin=0>", '<body oncontextmenu="return false">')
        )
    )
    return "\n".join(
        [doctype, '<html lang="zh-CN">', "<head>", *metas, f"<title>{shown}</title>", *scripts, "</head>", body, ""]
    ).lstrip()


def _mark_menu(menu: Sequence[str], rng: random.Random) -> list[Stretch]:
    if not menu:
        return []
    if rng.random() < 0.6:
        items = "".join(f'<li><a href="/col{n}/index.html">{escape_text(text)}</a></li>' for n, text in enumerate(menu))
        return [Stretch(f'<ul class="nav">{items}</ul>', _lines(menu))]
    gap = rng.choice((" ", " | ", "\u00a0"))
    links = escape_text(gap).join(f'<a href="#" target="_blank">{escape_text(text)}</a>' for text in menu)
    return [Stretch(f'<div class="menu">{links}</div>', _lines([gap.join(menu)]))]


def _mark_trail(text: str, rng: random.Random) -> Stretch:
    linked = _HAN_RUN.sub(lambda match: f'<a href="../">{match[0]}</a>', escape_text(text))
    box = rng.choice(BOXES["trail"])
    if box.startswith("<td"):
        box = f"<table><tr>{box}</tr></table>"
        return Stretch(box.format(linked))
    return Stretch(box.format(linked), _lines([text]))


def _mark_card(card: Sequence[tuple[str, str]], rng: random.Random) -> Stretch:
    """The index card as a table, a list or paragraphs."""
    if not card:
        return Stretch()
    colon = rng.choice(("：", ":", "", "："))
    kind = rng.random()
    if kind < 0.5:
        return Stretch(_mark_card_table(card, colon, rng))
    names = ("<ul class='xxgk-index'>", "li", "</ul>") if kind < 0.75 else ("<div class='headInfo'>", "p", "</div>")
    items = "".join(
        f"<{names[1]}><b>{escape_text(key)}{colon}</b><span>{escape_text(value)}</span></{names[1]}>"
        for key, value in card
    )
    return Stretch(names[0] + items + names[2], _lines(f"{key}{colon}{value}" for key, value in card))


def _mark_card_table(card: Sequence[tuple[str, str]], colon: str, rng: random.Random) -> str:
    step = rng.choice((1, 2, 2, 3))
    rows = []
    for start in range(0, len(card), step):
        cells = "".join(
            f'<td class="t1"><b>{escape_text(key)}{colon}</b></td><td>{escape_text(value)}</td>'
            for key, value in card[start : start + step]
        )
        rows.append(f"<tr>{cells}</tr>")
    return f'<table class="xxgk_table" width="100%" cellspacing="1"><tbody>{"".join(rows)}</tbody></table>'


def _mark_related(texts: Sequence[str], rng: random.Random) -> Stretch:
    if not texts:
        return Stretch()
    items = "".join(f'<li><a href="t2022.html">{escape_text(text)}</a></li>' for text in texts)
    heading = rng.choice(("", "", "相关信息", "相关链接"))
    head = f"<h4>{heading}</h4>" if heading else ""
    return Stretch(f'<div class="xgxx">{head}<ul>{items}</ul></div>', _lines([heading, *texts]))


def _mark_all(texts: Sequence[str], kind: str, rng: random.Random) -> list[Stretch]:
    box = rng.choice(BOXES[kind])
    if box.startswith("<span"):
        box = f"<div>{box}</div>"
    marked = [Stretch(box.format(escape_text(text)), _lines([text])) for text in texts]
    if box.startswith("<li") and marked:
        return [Stretch(f'<ul class="foot">{"".join(part.markup for part in marked)}</ul>', _merge(marked).lines)]
    return marked


def _merge(parts: Iterable[Stretch]) -> Stretch:
    parts = list(parts)
    return Stretch("\n".join(part.markup for part in parts), tuple(line for part in parts for line in part.lines))


def _lines(texts: Iterable[str]) -> tuple[Paragraph, ...]:
    return tuple(Paragraph(text.strip(), "furniture") for text in texts if text.strip())
