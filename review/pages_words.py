"""The words of the pages in Chinese and English, where one list of them is used by several pages."""

from __future__ import annotations

from collections.abc import Mapping

from models.form import load_forms

LANGUAGES = {"zh": "中文", "en": "English"}
DEFAULT_LANGUAGE = "zh"
Words = Mapping[str, tuple[str, str]]

STATES: Words = {
    "number": ("数字", "number"),
    "blank": ("空白", "blank"),
    "mark": ("符号", "mark"),
    "unreadable": ("无法辨认", "unreadable"),
    "missing": ("表中无此格", "missing"),
}
REASONS: Words = {
    "low_confidence": ("置信度低于阈值", "confidence under the threshold"),
    "form_doubtful": (
        "扫描件的行标题没有读全，可能是别的表",
        "the table may be another: its labels could not be read",
    ),
    "other_year": (
        "表上方写的是更早年份，可能是上年的表",
        "the print above names an earlier year: perhaps last year's table",
    ),
    "sums_of_rows_fail": (
        "表中有行合计对不上，列序可能与读出的不同",
        "rows do not add up: the columns may stand in another order",
    ),
    "form_not_learned": ("自定表式，模型尚未学习，置信度不作数", "a form of your own that the models have not learned"),
    "unreadable": ("印的不是数字", "something is printed that is no number"),
    "column_unknown": ("本行数值少于栏数，哪一栏空白不明", "fewer values than columns, which are empty is not known"),
    "column_inferred": ("没有完整的一行，栏位是推断的", "no complete row: the columns were inferred"),
    "no_values": ("本行没有数值", "the row is printed without values"),
    "more_values_than_columns": ("数值多于栏数", "more values than columns"),
    "lone_mark": ("表中几乎没有其他单元格有此符号，可能是污点", "a mark that hardly another cell has: it may be dirt"),
    "unit_beside": (
        "数字末位的1后紧跟单位，可能是单位的笔画",
        "a unit right behind the last 1: it may be a stroke of the unit",
    ),
    "zero_before": ("数字以多余的0开头，可能是两个数连在一起", "begins with a needless zero: it may be two numbers"),
    "merged_value": ("一个数值跨多栏", "one value stands over several columns"),
    "label_doubtful": ("行标题与表样不符", "the label of the row is unlike the form's"),
    "row_moved": ("本行在表中换了位置", "the row stands elsewhere than in the form"),
    "unit_from_heading": ("按标题中的单位换算", "converted from the unit in its heading"),
    "columns_unlike": ("栏标题与表样不符，栏次可能不同", "the headings do not tell the order of the columns"),
    "row_unclaimed": (
        "此行的位置印有不认识的一行，或留有一行的空位",
        "a row that is not known is printed where this one should stand, or room left for it",
    ),
    "identity_fails": ("所在的合计不平", "a sum with this cell does not hold"),
    "missing": ("表中没有这一格", "this cell of the form is not there"),
}
ROLES: Words = {
    "reader": ("查阅", "reader"),
    "reviewer": ("复核", "reviewer"),
    "admin": ("管理", "admin"),
}
ORIGINS: Words = {
    "machine": ("机器", "machine"),
    "person": ("人工", "person"),
    "audit": ("抽查", "audit"),
    "open": ("待核", "open"),
}
FINDING_KINDS: Words = {
    "source": ("原文不平", "source does not add up"),
    "reading": ("识读存疑", "reading in doubt"),
}
SOURCE_KINDS: Words = {
    "text": ("文本", "text"),
    "html": ("网页", "web page"),
    "word": ("Word 文件", "Word file"),
    "pdf": ("PDF", "PDF"),
    "scan": ("扫描件", "scan"),
    "unknown": ("未知", "unknown"),
}
UPLOAD_STATES: Words = {
    "waiting": ("排队", "waiting"),
    "reading": ("识读中", "being read"),
    "done": ("完成", "done"),
    "failed": ("未能识读", "failed"),
}
FORM_TITLES: Words = {
    "proactive": ("主动公开政府信息情况", "Information published proactively"),
    "requests": ("收到和处理政府信息公开申请情况", "Requests received and handled"),
    "disputes": ("行政复议、行政诉讼情况", "Reconsiderations and litigation"),
    "statistics": ("政府信息公开情况统计表", "Statistics of information disclosure"),
}
SHORT_FORM_TITLES: Words = {
    "proactive": ("主动公开", "Proactive"),
    "requests": ("依申请公开", "Requests"),
    "disputes": ("复议诉讼", "Disputes"),
    "statistics": ("情况统计", "Statistics"),
}
SECTIONS: Words = {
    "overview": ("总体情况", "Overview"),
    "proactive": ("主动公开", "Proactive disclosure"),
    "requests": ("依申请公开", "Requests"),
    "fees": ("收费", "Fees"),
    "disputes": ("复议诉讼", "Disputes"),
    "problems": ("问题及改进", "Problems and improvements"),
    "other": ("其他事项", "Other matters"),
    "statistics": ("统计表", "Statistics"),
}


def find_word(words: Words, code: str, language: str) -> str:
    """The word for a code in a language, or the code itself where none is known."""
    pair = words.get(code)
    return code if pair is None else pair[0 if language == "zh" else 1]


def pick_language(text: str, language: str) -> str:
    """The half that a reader wants of a text in both languages; a text in one language as it is.

    >>> pick_language("没有这个用户 / there is no such user", "en")
    'there is no such user'
    """
    zh, both, en = text.rpartition(" / ")
    return (zh if language == "zh" else en) if both else text


def name_form(form_id: str, language: str) -> str:
    """A form by its title and the year from which it is used."""
    return _name_form(FORM_TITLES, form_id, language)


def name_form_short(form_id: str, language: str) -> str:
    """A form in as few words as tell it from the others of a report."""
    return _name_form(SHORT_FORM_TITLES, form_id, language)


def _name_form(words: Words, form_id: str, language: str) -> str:
    """The words for a form, or the title of one that somebody added, with its year."""
    family, _, year = form_id.partition("@")
    own = load_forms().get(form_id)
    name = own.title if family not in words and own is not None else find_word(words, family, language)
    return f"{name} {year}".strip()
