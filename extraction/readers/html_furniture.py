"""What of a page is surely no part of the report: navigation, breadcrumbs, share buttons, related links, footers."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from extraction.script import fold_script

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

# Words that sites print around an article; a line of nothing else is theirs.
_WORDS = frozenset(
    (
        "分享",
        "分享到",
        "分享至",
        "微信",
        "微博",
        "打印",
        "打印本页",
        "打印此页",
        "关闭",
        "关闭窗口",
        "关闭本页",
        "返回",
        "返回顶部",
    )
    + (
        "返回首页",
        "收藏",
        "收藏本页",
        "加入收藏",
        "下载",
        "大",
        "中",
        "小",
        "字体",
        "字号",
        "字体大小",
        "我要纠错",
        "纠错",
        "无障碍",
    )
    + (
        "无障碍浏览",
        "长者模式",
        "移动版",
        "繁体",
        "简体",
        "登录",
        "注册",
        "收起",
        "展开",
        "朗读",
        "语音播报",
        "联系我们",
        "关于我们",
    )
    + (
        "网站地图",
        "网站声明",
        "隐私声明",
        "版权声明",
        "相关链接",
        "相关文章",
        "相关文件",
        "上一篇",
        "下一篇",
        "没有了",
        "政府网站",
    )
    + (
        "找错",
        "政府网站找错",
        "中国政府网",
        "省政府网站",
        "市政府网站",
        "扫一扫在手机打开当前页",
        "本网站支持IPv6",
        "分享文章",
    )
)
_WORD_ENDS = re.compile(r"[\s【】\[\]（）()|｜：:·>＞]+")
_LINE = re.compile(
    r"(?:您|你)?(?:现在|当前|所在)*的?(?:位置|栏目)\s*[：:].*"
    r"|首\s*页\s*[>＞»›/→].*"
    r"|(?:浏览|点击|阅读|访问|查看)(?:次数|量|数|率)?\s*[：:]?\s*\[?\d*\]?\s*次?"
    r"|(?:上|下)一(?:篇|条|页)\s*[：:].*"
    r"|(?:主办|承办|协办|维护|技术支持|版权所有|网站标识码)(?:单位)?\s*[：:|｜].{0,80}"
    r"|(?:版权所有|Copyright|©|网站标识码|建议使用|您是第).{0,80}"
    r"|.{0,30}(?:ICP备|公网安备).{0,60}"
    r"|(?:地址|联系电话|电话)\s*[：:].{2,40}邮编\s*[：:]\s*\d{6}"
    r"|(?:责任)?编辑\s*[：:]\S{0,10}\s*审核\s*[：:]\S{0,10}"
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
    if len(text) > _LONGEST_LINE:
        return False
    folded = fold_script(text)
    words = [word for word in _WORD_ENDS.split(folded) if word]
    return (bool(words) and all(word in _WORDS for word in words)) or _LINE.fullmatch(folded) is not None
