"""What of a page is surely no part of the report: navigation, breadcrumbs, share buttons, related links, footers."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extraction.readers.html_tree import Element

MIN_LINKS = 4  # so many links and hardly another word are navigation
LINK_SHARE = 0.8
MAX_FURNITURE_CHARACTERS = 300  # of text that is no link; a block with more is read, whatever its name

# What only a report or its index card says: an element that holds it is no furniture, whatever its name.
MARKS = re.compile(
    r"第二十[条條]|申[请請]人情[况況]|本年新[收制公製]|[结結][转轉]下年度|勾稽|[现現]行有效|[处處]理[决決]定[数數]|[统統][计計]指[标標]"
    r"|[结結]果[维維]持|[总總][体體]情[况況]|收到和[处處]理|主要[问問][题題]|其他需要[报報]告|[报報]告如下"
    r"|索\s*引\s*[号號]|[发發][布文][机機][构構关關]|[发發]文字[号號]|(?:生成|成文|[发發][布文]|公[开開])日期"
)
_NEVER = frozenset(("td", "th", "tr", "thead", "tbody", "body", "a"))
_TAGS = frozenset(("nav", "footer", "aside", "menu"))
_NAME = re.compile(
    r"(?:^|[\s_-])(?:nav|navi|navbar|navigation|menus?|mainmenu|submenu|breadcrumbs?|crumbs?|bread|dqwz|weizhi|wzdh|curpos"
    r"|location|position|currentposition|foot|footer|bottom|copyright|contentinfo|banner|share|bshare|bdshare\w*|fenxiang"
    r"|toolbar|tools?|fontsize|print|sidebar|side|aside|related|relation|recommend|xgyd|xgwj|xgwz|xgxx|xglj|hotnews|hot"
    r"|friendlinks?|yqlj|links?|login|search|searchbox|pagination|pager|pages?|prevnext|sxp|qrcode|ewm|erweima|weixin"
    r"|weibo|gotop|totop|backtop|float|fixed|popup|modal|dialog|languages?|wza|sitemap|counter|comments?)(?=$|[\s_\d-])",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_GROUPS_NAMES = "div ul ol dl section nav header p menu center form fieldset span"
_GROUPS = frozenset(_GROUPS_NAMES.split())

# Lines that sites print around an article, nothing else on the line.
_LINE = re.compile(
    r"(?:您|你)?(?:现在|当前|所在)*的?(?:位置|栏目)\s*[：:].*"
    r"|首\s*页\s*[>＞»›/].*"
    r"|[【\[（(]?\s*(?:字体|字号|字体大小|分享|分享到|分享至|打印|打印本页|关闭|关闭窗口|关闭本页|返回|返回顶部|收藏|加入收藏|大|中|小|扫一扫.{0,20}"
    r"|我要纠错|纠错|下载|上一篇|下一篇|无障碍|繁体|简体|登录|注册|收起|展开|朗读|语音播报)\s*[】\]）)]?(?:\s*[：:|｜].*)?"
    r"|(?:字体|字号)\s*[：:]?\s*[【\[（(]?\s*大\s*中\s*小.*"
    r"|(?:浏览|点击|阅读|访问|查看)(?:次数|量|数|率)?\s*[：:]\s*\d*\s*次?"
    r"|(?:上|下)一(?:篇|条|页)\s*[：:].*"
    r"|(?:主办|承办|协办|维护|技术支持|版权所有|网站标识码|网站地图|网站声明|联系我们|关于我们)(?:单位)?\s*[：:|｜].{0,80}"
    r"|(?:版权所有|Copyright|©).{0,80}|.{0,30}(?:ICP备|公网安备).{0,40}"
)
_LONGEST_LINE = 160


def is_furniture(element: Element) -> bool:
    """Whether an element is surely no part of the report; asked once all of its subtree is counted."""
    if element.marks or not element.length or element.tag in _NEVER:
        return False
    if element.links >= MIN_LINKS and element.tag in _GROUPS and is_navigation(element):
        return True
    if element.tag not in _TAGS and not (element.names and _is_furniture_name(element.names)):
        return False
    own = element.length - element.link_length
    return own <= MAX_FURNITURE_CHARACTERS and not element.tables and (not element.report or element.crumb)


@functools.lru_cache(maxsize=4096)
def _is_furniture_name(names: str) -> bool:
    return _NAME.search(_CAMEL.sub("-", names)) is not None


def is_navigation(element: Element) -> bool:
    """Whether an element holds several links and hardly another word."""
    return not element.marks and element.links >= MIN_LINKS and element.link_length >= LINK_SHARE * element.length


def is_furniture_line(text: str) -> bool:
    """Whether a line is what sites print around an article: breadcrumbs, font size, views, share, footer.

    >>> is_furniture_line("当前位置：首页 > 政务公开 > 年报"), is_furniture_line("一、总体情况")
    (True, False)
    """
    return len(text) <= _LONGEST_LINE and _LINE.fullmatch(text) is not None
