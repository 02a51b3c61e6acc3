"""What agencies do to the wording of their tables: aliases, misprints, explanations, other numerals."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from models.form import Form
from training.synthesis.grid_edits import change_texts, heading_cells
from training.synthesis.printed import PrintedCell, PrintedTable

# Other wordings than those the form's file knows, and those in common use.
MORE_ALIASES: Mapping[str, tuple[str, ...]] = {
    "第二十条第（一）项": ("第二十条（一）项", "第二十条 第（一）项", "第二十条第一项"),
    "第二十条第（五）项": ("第二十条（五）项", "第二十条 第（五）项", "第二十条第五项"),
    "第二十条第（六）项": ("第二十条（六）项", "第二十条 第（六）项", "第二十条第六项"),
    "第二十条第（八）项": ("第二十条（八）项", "第二十条 第（八）项", "第二十条第八项"),
    "第二十条第（九）项": ("第二十条（九）项", "第二十条 第（九）项", "第二十条第九项"),
    "信息内容": ("信息 内容", "内容", "信息类别", "信息内容（件）"),
    "行政许可": ("行政许可事项", "行政许可（件）"),
    "行政处罚": ("行政处罚案件", "行政处罚（件）"),
    "行政强制": ("行政强制措施", "行政强制执行"),
    "本年制发件数": ("本年制发（件）", "本年度制发件数", "本年发文件数", "今年制发件数"),
    "本年废止件数": ("本年废止（件）", "本年度废止件数", "本年失效件数"),
    "现行有效件数": ("现行有效（件）", "现行有效文件数", "现行有效文件总数"),
    "本年处理决定数量": ("本年度处理决定数量", "本年办理决定数量", "处理决定数", "本年处理数量"),
    "本年收费金额（单位：万元）": ("本年收费金额（万元）", "本年度收费金额（单位:万元）", "收费金额（单位：万元）"),
    "上一年项目数量": ("上一年度项目数量", "上年度项目数"),
    "本年增/减": ("本年增／减", "本年增减数", "本年度增/减"),
    "三、本年度办理结果": ("三、本年度办理结果（件）", "三、本年办理结果", "三、 本年度办理结果"),
    "（三）不予公开": ("（三）不予公开的", "（三） 不予公开"),
    "（五）不予处理": ("（五）不予处理的", "（五） 不予处理"),
    "2.其他法律行政法规禁止公开": ("2.其他法律、行政法规禁止公开", "2.法律行政法规禁止公开"),
    "7.属于行政执法案卷": ("7.属于行政执法案卷信息", "7.行政执法案卷信息"),
    "1.本机关不掌握相关政府信息": ("1.本机关不掌握相关信息", "1.本行政机关不掌握相关政府信息"),
    "3.补正后申请内容仍不明确": ("3.补正后仍不明确", "3.补正后申请内容不明确"),
    "商业企业": ("商业 企业",),
    "法律服务机构": ("法律服务 机构",),
    "申请人情况": ("申请人", "申请人类型"),
    "未经复议直接起诉": ("未经复议直接诉讼", "直接起诉"),
    "复议后起诉": ("经复议后起诉", "复议后诉讼"),
    "结果维持": ("维持原结果",),
    "结果纠正": ("结果被纠正", "纠错"),
}
LOOKALIKES = (
    ("部", "容"), ("形", "况"), ("规", "制"), ("禁", ""), ("法规", ""), ("程性", "程性性"), ("予", "于"), ("的", "地"),
    ("其他", "其它"), ("案卷", "案件"), ("结果", "结构"), ("保护", "保戶"), ("重复", "重夏"), ("数量", "数"), ("机构", "机关"),
    ("信息", "信息息"), ("已", "己"), ("未", "末"), ("政府", "政俯"), ("查询", "查寻"), ("公益", "公溢"), ("结转", "接转"),
    ("下年度", "下一年度"), ("出版", "出板"), ("类", "内"), ("另行", "另外"), ("反复", "反覆"), ("逾期", "愈期"), ("强制", "强治"),
)  # fmt: skip
EXPLANATIONS = ("（历史累计）", "（件）", "（单位：件）", "（注：按条例口径统计）", "（含历年）", "（累计）", "(项)", "（不含派出机构）", "*", "（见注）", "①")  # fmt: skip
HALF_WIDTH = str.maketrans("（），：；／", "(),:;/")
NUMERALS = "一二三四五六七八九十"


def alias_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """Some labels in another wording of the same meaning."""
    known = {label.leaf: label.aliases for block in form.blocks for label in (*block.rows, *block.columns)}
    share = rng.choice((0.15, 0.4, 1.0))

    def change(cell: PrintedCell) -> str:
        choices = known.get(cell.text, ()) + MORE_ALIASES.get(cell.text, ())
        return rng.choice(choices) if choices and rng.random() < share else cell.text

    return change_texts(table, change)


def misprint_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """One to five labels with a slip of the pen."""
    labels = [cell for cell in table.cells if not cell.field_id and len(cell.text.strip()) > 3]
    chosen = rng.sample(labels, min(len(labels), rng.choice((1, 1, 2, 3, 5))))
    return change_texts(table, lambda cell: misprint(rng, cell.text) if cell in chosen else cell.text)


def misprint(rng: random.Random, text: str) -> str:
    """The text with one character lost, doubled, changed or swapped, or with one word mistaken for another."""
    mistaken = [(right, wrong) for right, wrong in LOOKALIKES if right in text]
    if mistaken and rng.random() < 0.6:
        right, wrong = rng.choice(mistaken)
        return text.replace(right, wrong, 1)
    places = [place for place, char in enumerate(text) if "一" <= char <= "鿿" and char not in NUMERALS]
    if len(places) < 3:
        return text
    place = rng.choice(places)
    head, char, tail = text[:place], text[place], text[place + 1 :]
    return rng.choice((head + tail, head + char + char + tail, head + tail[:1] + char + tail[1:], head + rng.choice("的年和政数") + tail))


def explain_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """One or two labels with an explanation behind."""
    labels = [cell for cell in table.cells if not cell.field_id and 1 < len(cell.text.strip()) < 20]
    chosen = rng.sample(labels, min(len(labels), rng.choice((1, 1, 2))))
    return change_texts(table, lambda cell: cell.text + rng.choice(EXPLANATIONS) if cell in chosen else cell.text)


def cut_headings(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """Headings of which the end is lost (`本年新`)."""
    chosen = [cell for cell in heading_cells(table) if len(cell.text) > 4 and rng.random() < 0.4]
    return change_texts(table, lambda cell: cell.text[: rng.randint(3, len(cell.text) - 1)] if cell in chosen else cell.text)


def renumber_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """`1.属于` as `1、属于`, `1．属于`, `（1）属于`, `①属于` or without numeral."""
    pattern = rng.choice(("{}、", "{}．", "（{}）", "{}. ", "circle", ""))

    def change(match: re.Match[str]) -> str:
        number = int(match[1])
        return chr(0x245F + number) if pattern == "circle" else pattern.format(number)

    return change_texts(table, lambda cell: re.sub(r"^(\d)\.(?=\D)", change, cell.text))


def halve_punctuation(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """Labels with half-width punctuation."""
    return change_texts(table, lambda cell: cell.text.translate(HALF_WIDTH))


def space_labels(rng: random.Random, form: Form, table: PrintedTable) -> PrintedTable:
    """Labels spread with blanks (`总 计`) or with one blank in the wrong place."""
    share = rng.choice((0.1, 0.4))

    def change(cell: PrintedCell) -> str:
        text = cell.text
        if len(text.strip()) < 2 or rng.random() >= share:
            return text
        if len(text) <= 4 and "（" not in text:
            return rng.choice((" ", "  ", "　")).join(text)
        place = rng.randint(1, len(text) - 1)
        return text[:place] + " " + text[place:]

    return change_texts(table, change)
