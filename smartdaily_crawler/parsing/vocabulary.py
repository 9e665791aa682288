"""Words of Chinese info lines: labels, widgets between the fields, outlets, surnames, places.

A label is listed here only, in the row of its field. The patterns that find labels, read their values and cut their lines
from the body are derived from these rows. Words are written in simplified characters, for a ``script.Pattern``, which matches
both scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from smartdaily_crawler.parsing.script import Pattern, fold

# An underscore stands for a blank inside a label.
_FIELDS = {
    "updated": "最新更新时间 最新更新 最后更新时间 最后更新于 最后更新 最近更新 最后修改时间 最后修改于 最近修改 更新时间 更新日期 更新于 更新 修改时间 修改日期 修改于 最后修改 最后编辑于 编辑于 Updated",
    "published": "首次发布时间 发布时间 发布日期 发表时间 发表日期 发稿时间 发稿日期 发文时间 发文日期 刊发时间 刊登日期 刊登时间 刊出时间 创建时间 建立时间 上传时间 上架时间 添加时间 录入时间 张贴时间 出版时间 出版日期 新闻日期 日期时间 刊登 出版 发表于 发布于 刊登于 张贴于 发布 发表 时间 日期 Posted_on posted_on Published_on posted Posted Published",
    "source": "信息来源 消息来源 稿件来源 新闻来源 文章来源 内容来源 来源媒体 来源网站 来源于 来源 稿源 文章出处 新闻出处 出处 本文转载自 转载自 转载于 转自 摘自 原载于 原载 来自 Source",
    "editor": "责任编辑 本文编辑 值班编辑 网络编辑 文章编辑 文字编辑 执行编辑 实习编辑 见习编辑 助理编辑 核稿编辑 采访编辑 新媒体编辑 编辑 责编 网编 小编 编审 Editor",
    "author": "文章作者 本文作者 作者 执笔人 执笔 采访撰文 采访整理 采访 本报记者 本刊记者 本网记者 特约记者 见习记者 实习记者 文字记者 特派记者 记者 撰文 采写 采编 撰稿人 撰稿 图文 特约 博主 楼主 发布人员 发布人 发布者 文/图 图/文 文、图 图、文 文图 文字 Author",
}
# Labels without a field: each ends the field before it. Those of ``dates`` are before dates that are not the article's.
_OTHERS = {
    "staff": "校对 审核 审校 审读 监制 总监制 主编 总编 责任校对 美编 排版 版式 统筹 策划 总策划 出品人 出品 编校 核稿 核发 签发 初审 复审 终审 一审 二审 三审 值班主任 值班总编 版面设计",
    "dates": "最新推荐文章于 推荐文章于 注册时间 加入时间 上次登录 截止时间 截止日期",
    "counter": "点击数 点击量 点击 查看次数 查看 围观 浏览次数 浏览人次 浏览人数 浏览数 浏览量 浏览 观看人次 观看次数 点阅次数 点阅数 点阅 阅读次数 阅读量 阅读数 阅读 评论数 评论 人气 热度 热门度",
    "keywords": "标签 关键词 关键字 相关字词 相关标签 相关词条",
    "abstract": "导语 摘要 简介",
    "other": "主持人 主持 摄影 供稿 供图 视频 设计 翻译 编译 译者 背景 字号 字体 字级 字型大小 分享到 分享 图片 照片 图片编辑 栏目 分类 所属 IP属地 频道 专题 编号 文号 索引号 版次 版面 收藏 点赞 扫码 打印 关注 微信 微博 电话 邮箱 爆料 订阅 图源 原标题 制作 主管",
}
# The origin of a picture or of figures is not that of the text.
_CREDITED = "图 图档 图片 图像 首图 头图 题图 主图 配图 组图 插图 封面 封面图 封面图片 照片 相片 影像 影片 视频 音频 数据 资料 图表 制图 素材"
_LABELS_OF_CREDITS = " ".join(f"{what}{of}" for what in _CREDITED.split() for of in ("来源", "来自", "源自", "提供"))
# Ends of many words: labels only before a slash or a bar, `文` also before a colon where no Han character precedes it.
_SHORT = {"文": "author", "报道": "author", "报导": "author", "撰": "author", "图": "", "摄": ""}
# Common words: labels only before a colon; the verbs also after a date.
_OF_UPDATE = ("更新", "修改")
_VERBS = (*_OF_UPDATE, "发布", "发表", "首次发布")
_COMMON = (
    *_VERBS,
    "时间",
    "日期",
    "文/图",
    "图/文",
    "文、图",
    "图、文",
    "文图",
    "文字",
    "采访",
    "执笔",
    "采编",
    "图文",
    "特约",
    "博主",
    "楼主",
    "原载",
    "刊登",
    "出版",
    "Posted",
    "Published",
    "Updated",
    "Source",
    "Author",
    "Editor",
)
# Before a colon these also open a line of the text: a question of an interview, the time of an event.
_IN_TEXT = ("记者", "本报记者", "特约记者", "见习记者", "实习记者", "小编", "时间", "日期", "特约", "楼主")


def _any(*groups: str, also: Iterable[str] = (), without: Iterable[str] = ()) -> str:
    """Return an alternation of the groups' labels, to be put in parentheses."""
    words = (word.replace(" ", r"\ ") for group in groups for word in _words(group) if word not in without)
    return _alternation((*words, *also))


def _alternation(words: Iterable[str]) -> str:
    """Return the words, longer ones first: 责任编辑 before 编辑.

    Words with one first character share a branch, so that fewer are tried.
    """
    branches: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        branches.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in branches.items())


def _words(group: str) -> list[str]:
    return [word.replace("_", " ") for word in _LABELS[group].split()]


_LABELS = _FIELDS | _OTHERS | {"credit": _LABELS_OF_CREDITS}
FIELD_OF = _SHORT | {word: group if group in _FIELDS else "" for group in _LABELS for word in _words(group)}
"""Field of each label, in simplified characters; ``""`` for those of ``_OTHERS``."""


def field_of(label: str) -> str:
    """Return the field of a label as printed; that of the author for a label without a field of its own.

    >>> field_of("責任編輯"), field_of("校對")
    ('editor', '')
    """
    return FIELD_OF.get(fold(label), "author")


ORNAMENTS = "□■●○◆◇"
"""Signs before a byline: `□ 许知夏`."""
ALONE = "(?:文|报道|报导)"
"""Labels before a colon if no Han character is before them."""
COLON = r"[:：﹕∶]"
WORDS = _any(*_LABELS)
"""Labels before a colon."""
BARE = _any(*_FIELDS, "staff", "dates", without=_COMMON)
"""Labels also without a colon, where a field can begin: `来源CSDN`, `编辑 瑞雪`, `编辑|瑞雪`, `发布于 2026`."""
SLASHED = _any("source", "editor", "author", "staff", also=(*_SHORT, "摄影"))
"""Labels also before a slash or a bar: `文/瑞雪`, `作者丨瑞雪`."""
CREDIT = _any("source", "editor", "author", "staff", without=_IN_TEXT)
"""Labels of a line that is not the body's, whatever their value."""
FOREIGN_DATE = _any("dates")
STAMP = _any("updated", "published", without=_IN_TEXT)
"""Labels of a line that is not the body's if a date follows."""
PERSON = _any("editor", "author", "staff")
REPORTER = _any(
    "author", also=("通讯员", "评论员", "特派员", "主笔"), without=("采访", "采编", "文字", "图文", "特约", "楼主")
)
"""Words before a name without a colon: `天脉网记者 瑞雪`."""
ATTRIBUTION = _any("source", "author", also=("首发", "源自", "由", "系", "经"))
"""Words after 本文 in a sentence on source or author: `本文来自北辰资讯`."""
RESPONSIBLE = "|".join(word for word in _words("editor") if word.startswith("责"))
"""Labels of the site's editor, preferred to that of the source."""
POSTED = "(?:发表|发布|张贴|刊登)于|于|[Pp]osted"
"""Labels of a date beside which an unlabelled name is that of the author: `瑞雪 发表于 2026-03-06`."""
UPLOADER = tuple(word for word in _words("author") if word.startswith("发布"))
"""Labels of the person who put the text online: read as the author where no other is named."""
VERBS = "|".join(_VERBS)
"""Labels also after their date: `3小时前发布`."""
UPDATED_THEN = "|".join(_OF_UPDATE)
"""Those of an update."""
COUNTER, KEYWORDS = _any("counter"), _any("keywords")
ABSTRACT = _any("abstract", also=("导读", "提要", "核心提示", "编者按"))
NOT_A_VALUE = "介绍|推荐|导读|点评|精选|简介|部|室|组|中心|团队|整理|站|群|推荐|热线|博客|稿|们|委|了|的|会|最新|最近|本人|通过|从|在|对|与|和|获悉|注意"
# Texts that sites print between the fields: counters, font size, sharing, notices.
WIDGET = Pattern(
    r"""
    (?<![\u4e00-\u9fffA-Za-z]) (?: [\d.,]*[万+]? \s? (?:次|个|人|条)? \s? (?:阅读|浏览|播放|点击|评论|跟贴|回复|人参与|参与)
    | 共 \s? \d* \s? 条 | 人评论 | 我要(?:评论|投稿|分享|纠错|反馈) | 我来\w\w | 收藏(?:评论|本文)? | 进入\w{0,6}(?:论坛|频道|首页) | 手机(?:看新闻|阅读|浏览|版|看)
    | 字[号体] (?:\s*[:：])? | (?<![A-Za-z]) A \s{0,40} [-+] (?![\u4e00-\u9fff]) | 【?(?:大|中|小)】?(?:\s{1,9}|】?【)(?:中|小)[】\s]* | 扫一扫 | 扫码 | 分享(?:到|至)? | 打印 | 纠错 | 举报 | 订阅 | 关注
    | 转载(?!自) | 声明 | 免责 | 版权 | 查看全文 | 点击 | 返回 | 下载\w{0,8}(?:APP|客户端) | (?<=\s)(?:微信|微博|QQ|朋友圈) | 语音播报 | 听新闻 | 听全文 | 播报文章 | 复制链接 | 背景
    | 列印 | 转寄 | 友善列印 | 留言 | 用?LINE(?:传送|分享) | 字[级型] | 最[大小]字 | 预设 | (?<!\w)(?:登录|注册|用户名?|密码|推荐|讨论|回应|引用|收听|试听|朗读)(?!\w) | 扫描 | 缩小字体 | 放大字体 | 点赞 | 文章标签 | 第\s?[A-Z]?\d{1,3}\s?版 | (?:独家)?抢先看 | 展开全文 | 正在阅读 | (?<![A-Za-z]) (?i:share|facebook|twitter|tweet|google|linkedin|plurk|whatsapp|pinterest) (?![A-Za-z])
    | 加入收藏 | 约?\s?\d+\s?分钟 | 分类于 | (?:本文)?字数 | (?<!\w)投稿 | \+关注 | (?<!\w)客户端 | 赞\(?\d | 繁体 | 简体 | 小字 | 大字 | English | 责编$ | https?://\S+ )
    | (?<=[\u4e00-\u9fff])[\[【〔]?(?:我要|我来)(?:评论|投稿|分享|纠错|反馈)
    """,
    re.VERBOSE,
)
# An outlet whose name begins with a widget's word: 点击科技.
OUTLET_LIKE_A_WIDGET = Pattern(
    r"(?:点击|阅读|浏览|评论)(?!进入|查看|下载|关注|打开|此|这|返回|量|数|次|全文|原文)(?P<rest>[\u4e00-\u9fffA-Za-z]{1,6})(?!\w)"
)
FLAG = Pattern(
    r"(?<!\S)(?:企鹅号|头条号|百家号|大鱼号|搜狐号|网易号|大风号|官方账号|优质\w{0,6}创作者|\w{0,4}领域创作者|\w{0,4}官方认证)(?!\S)|[【\[(（]\s*(?:原创|转载|图文?|视频|独家|首发|组图|快讯|推荐)\s*[】\])）]|(?<!\S)(?:原创|独家|首发|转载|HKT|GMT|CST|(?:阅读时间|阅读)?\s?约?\s?\d+\s?分钟(?:阅读)?)(?!\S)"
)
OUTLET = Pattern(
    r"网|报|社|电视|电台|新闻|周刊|杂志|传媒|财经|在线|频道|客户端|参考|媒体|论坛|资讯|之家|头条|快讯|科技|公司|(?:号|局|委|院|办|中心|平台|发布)$"
)
OUTLET_END = Pattern(r"(?:网|报|社|[^平柜舞]台|周?刊|新闻|杂志|客户端|频道|在线|之家|资讯|传媒|财经)$")
"""End of the name of an outlet that stands alone: an author with it is no person."""
SURNAME = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤洪施傅俞骆聂柯倪翟阮詹葛裴樊殷鲍佟翁耿瞿"
    "冉祝左尤季温章卓甘岳祁焦柴苗闵庞蒲戚齐饶荣桑申舒涂屠辛邢甄宗奚窦娄梅刁麦巫丘柳凌霍缪纪屈楼褚池乔晏匡寇欧敖喻栾蔺裘简佘蓝禤宁牟厉宫丛靳卞巩滕岑农邝鞠楚景卜虞茅童郁杭吉荀惠封靖仲伊仇戎郜鄂胥闻莘逄姬郦雍桂濮扈冀浦茹习艾蔚晁阚沙巢荆游竺逯桓栗柏尉揭矫雒亓凃郗隋冼迟谌"
)
"""Characters of a class."""
# Words that begin as names do.
NO_NAMES = (
    "高考|高清|高端|高管|高校|方案|方法|方向|方面|方式|金融|金额|黄金|石油|石头|白酒|白宫|马上|周边|周末|周年|余额|任务|段落|陈述|程序|陆续|陆军|万元"
    "|钱包|严重|严格|向上|毛利|龙头|雷达|雷电|苏宁|杜绝|唐代|宋代|华为|华人|夏季|夏天|叶子|谢谢|凌晨|温度|温馨|季节|季度|祝福|尤其|左右|章节|史上|史料"
    "|彭博|路透|董事|董事长|申请|申报|申购|辛苦|舒适|荣誉|荣耀|齐全|柴油|焦点|焦虑|纪录|纪念|纪要|花絮|花卉|时间|时评|时政|时尚|尚未|顾问|顾客|邮箱|付费|毕业|段子"
    "|孔雀|方便|关于|关注|关键|关键词|安全|任命|林业|田园|江湖|江山|何时|何处|何以|连线|解读|解析|查看|查询|沙龙|明星|成绩|成都|常见|文化|文明|文章|文件|文旅|文体|文娱|文史"
    "|游戏|游客|游泳|游记|景区|景色|景观|景点|封面|封闭|沙漠|沙滩|农业|农村|农民|农历|丛书|习惯|习俗|仲裁|揭秘|揭晓|童话|童年|蔚来|茅台|柏林|桂林|荆州|惠民|惠州|吉祥|迟到"
    "|东方财富|东方时空|东方证券|东方甄选|东方卫视"
)
COMPOUND_SURNAME = "欧阳|上官|司马|司徒|诸葛|夏侯|皇甫|慕容|令狐|端木|范姜|张简|尉迟|东方|公孙|公羊|宇文|长孙|淳于|司空|独孤|轩辕|东郭|呼延|闾丘|钟离|濮阳|澹台|申屠|太叔|鲜于|拓跋|赫连|完颜|纳兰|万俟|闻人|仲孙|公冶|公西|梁丘|左丘"
PLACES = (
    "北京|上海|天津|重庆|深圳|广州|杭州|南京|成都|武汉|西安|苏州|香港|澳门|台北|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南"
    "|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|厦门|青岛|大连|宁波|长沙|郑州|合肥|济南|沈阳|福州|昆明"
    "|哈尔滨|长春|石家庄|太原|呼和浩特|南昌|南宁|贵阳|拉萨|兰州|西宁|银川|乌鲁木齐|海口|三亚|珠海|东莞|佛山|无锡"
    "|新北|桃园|新竹|台中|台南|高雄|基隆|嘉义|宜兰|花莲|台东|屏东|彰化|南投|云林|苗栗|澎湖|金门"
    "|华盛顿|纽约|东京|伦敦|巴黎|柏林|莫斯科|首尔|新加坡|日内瓦|维也纳|布鲁塞尔|罗马|马德里|日内瓦|河内|曼谷|雅加达|吉隆坡|马尼拉|新德里|开罗|安卡拉|德黑兰|基辅|华沙|布拉格|布达佩斯|雅典|堪培拉|悉尼|渥太华|多伦多|温哥华|洛杉矶|旧金山|芝加哥|波士顿|巴西利亚|耶路撒冷"
)
REGION = (
    f"(?:{PLACES}|美国|日本|英国|法国|德国|韩国|俄罗斯|加拿大|澳大利亚|马来西亚|泰国|中国)"
    "(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?"
)
"""A place, as sites print it for where an account is: 来自福建省."""
_TOPIC = (
    "新闻|要闻|时政|时事|政治|政情|政经|国际|国内|大陆|两岸|港澳|港闻|台闻|本地|地方|本港|本土|全国|全球|世界|环球|海外|华人|社区|社会|民生|法治|法制|公安|财经|经济|金融"
    "|股市|美股|港股|股票|基金|证券|期货|债券|外汇|银行|保险|理财|投资|宏观|市场|楼市|地产|房产|公司|企业|商业|产业|产经|创业|创投|消费|能源|环保|科技|科学|科普|数码|3c|手机|硬件"
    "|软件|互联网|人工智能|体育|足球|篮球|国足|娱乐|影视|电影|电视剧|综艺|音乐|游戏|动漫|明星|时尚|女性|文化|文艺|艺文|副刊|读书|阅读|书评|历史|人文|教育|高考|健康|医疗|医药|养生"
    "|旅游|旅行|汽车|美食|生活|情感|亲子|母婴|职场|公益|三农|农业|军事|国防|气象|天气|交通|突发|调查|评论|时评|社论|社评|观点|言论|深度|深读|专栏|专题|专访|访谈|人物|特写|特稿"
    "|快讯|快报|快评|头条|即时|实时|热点|热门|热榜|滚动|最新|精选|原创|独家|视频|影片|影音|直播|图片|图集|组图|图说|随笔|散文|游记|日记|诗歌|杂谈|博客|论坛|问答|教程|其他|未分类|默认|综合|城市|都会|产品|澳闻|公告|通知|通告|公示|启事"
)
SECTION = Pattern(
    rf"(?:{REGION})?(?:{_TOPIC}){{1,3}}(?:频道|动态|资讯|专区|版块?|板块|栏目|类|事|直击|报道|中心)?"
    rf"(?:[·/／&、,，>-](?:{REGION})?(?:{_TOPIC}){{1,2}}(?:频道|动态|资讯)?){{0,2}}"
)
"""Name of a section, without blanks: 本地财经. It is no source, though it has the form of one."""
PAGE_WORD = Pattern(
    r"""
    (?: 已?关注 | 订阅 | 会员 | 付费 | 免费 | 试读 | 置顶 | 精华 | 加精 | 推荐 | 广告 | 推广 | 赞助 | 赞赏 | 打赏 | 支持 | 更新 | 发布 | 发表 | 编辑于 | 修改于 | 收录于 | 分类 | 标签 | 话题 | 专辑
      | 登录 | 注册 | 点击 | 打开 | 查看 | 返回 | 复制 | 下载 | 展开 | 收起 | 加入 | 我[要来有] | 立即 | 进入 | 取消 | 只看 | 倒序 | 正序 | 浏览 | 分享 | 转发 | 转载 | 收藏 | 举报 | 投诉 | 回复 | 引用 | 留言 | 讨论
      | 开通 | 请 | 播放 | 收听 | 听新闻 | 语音 | 放大 | 缩小 | 字体 | 字号 | 全文 | 原文 | 正文 | 文章$ | 图文$ | 作者 | 编者 | 楼主 | 沙发 | 目录 | 版面 | 往期 | 上一 | 下一 | 上篇 | 下篇 | 共\d | 第\d | 页/ | 相关 | 延伸 | 更多 | 热度
      | 版权 | 著作权 | 声明 | 来源 | 来自 | 发自 | 阅读(?:时间|时长|数|量|原文|全文|更多|推荐) | 预计 | 大约 | 字数 | 本文 | 本篇 | 这篇 | 首页$ | 主页$ | (?:admin|管理员|匿名|佚名)$ | 网页版 | 手机版 | 移动端 | 桌面版 | 简体 | 繁体 | 英文 | 中文$ | 文章列表 | .{0,16}(?:记者|编辑|主笔|评论员|教授|研究员|创始人|作者|作家|从业者|院长|会长)$ )
    | [©®@#＃＋+~] | \d{1,2}:\d\d (?:[ap]m)? $
    | (?: .{0,6}时间 | (?:gmt|utc)(?:[+-]\d+)? | cst | hkt | et | pt | ct | est | edt | pst | pdt | sgt | myt | jst | bst | cet | [ap]m ) $
    | [\d.,]+ [km万千亿w]? \+? (?: 评论?s? | 赞 | 阅读? | 次 | 人 | 条 | 楼 | 页 | 分钟? | 字 | 回复? | 喜欢 | 收藏 | 人气 | 热度 | 浏览 | 观看 | 播放 | 点赞 | [a-z]+ago | views? | comments? | likes? | reads? )? $
    | (?: 大陆新闻组 | 本报 | 本刊 | 采访 | 综合 | 联合 | 专题 | 编译 | 整理 | 外电 | 现场 | 实习 | 即时 | 独家 )* (?: 报道 | 报导 | 整理 | 编译 | 综合 | 外电 | 摄影 ) $
    | [/／] .{0,4} (?:报道|报导)
    | (?: lv | level | vip ) \.? \d{0,3} $ | \d{1,3}级 $
    | 农历 | (?: 今天 | 今日 )? (?: 晴 | 阴 | 多云 | [小中大暴阵]雨 | [小中大]雪 ) (?: 转.{1,3} )? (?: [\d～~-]+[°℃]c? )* $ | [\d～~-]+[°℃]
    """,
    re.VERBOSE,
)
"""Begin of a word of the page itself, without blanks: an action, a counter, a flag, a time zone."""
NO_SENTENCE = Pattern("[的了是在有会能这那不也请吗呢吧把被从对将已]")
"""Characters of sentences, which names seldom have."""
