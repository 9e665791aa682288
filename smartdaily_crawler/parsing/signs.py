"""Words by which a reader tells a page that is no article: what its buttons, counters, tabs and facts say.

The texts to be searched are short: lines and buttons without a sentence, each on a line of its own, in simplified characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from smartdaily_crawler.reasons import Reason


@dataclass(frozen=True)
class Signs:
    """The signs of a kind of page: one pattern each."""

    patterns: tuple[re.Pattern[str], ...]
    least: int
    """Signs that a page of the kind has at least."""
    of_action: int = 0
    """The first of the patterns, one of which must be among them: what only a page of the kind lets its visitors do; 0 if none is."""

    def shown(self, text: str) -> list[bool]:
        return [pattern.search(text) is not None for pattern in self.patterns]

    def tell(self, text: str, others: int = 0) -> bool:
        """Return whether a text has enough signs.

        :param others: signs of the page besides its text.
        """
        acted = [pattern.search(text) is not None for pattern in self.patterns[: self.of_action]]
        if self.of_action and not any(acted):  # most pages: skip the other patterns
            return False
        shown = acted + [pattern.search(text) is not None for pattern in self.patterns[self.of_action :]]
        return any(shown) and sum(shown) + others >= self.least


def _signs(least: int, *patterns: str, of_action: int = 0) -> Signs:
    return Signs(tuple(re.compile(pattern, re.MULTILINE) for pattern in patterns), least, of_action)


BUTTONS = {
    Reason.PRODUCT: _signs(
        3,
        "(?:立即|马上|我要|点击)(?:购买|抢购|下单|订购)",
        "[加放]入购物[车袋]|添加到购物车",
        "^购物(?:须知|指南|流程)",
        "(?:收藏|分享)(?:宝贝|商品|店铺)|联系(?:卖家|商家)|进店逛逛|店铺首页|掌柜",
        "(?:商品|宝贝|产品|规格)(?:详情|评价|参数|信息|属性|介绍|描述|特色|规格)",
        "(?:累计|全部|用户|商品)(?:评价|评论)",
        "^(?:月|总|累计)?(?:销量|成交)|交易成功|已售|库存",
        "^(?:运费|配送|物流|运送方式)|包邮|免运",
        "(?:促销|淘宝|活动|优惠|参考|市场|商城|最低|经销商)(?:价|报价)|优惠[券劵]|领券|询底价|商家报价",
        "七天无理由|正品保[证障]|假一赔|极速退款|售后(?:服务|保障)",
        "^(?:立即|马上|在线|我要)?(?:询价|询盘)$|起订量|供货(?:总量|周期)",
        "^(?:商品)?(?:货号|型号|品牌|编号)\\s?[:：]",
    ),
    Reason.LIVE_ROOM: _signs(
        3,
        "正在直播|直播中|开播(?:提醒|时间)?|直播已?经?(?:持续|结束)|讲解[0-9]+号",
        "(?:进入|返回|分享)?直播间",
        "(?:在线|观看)(?:人数|观众)|人(?:在看|参与|围观)|人气值|热度值?\\s?\\d",
        "送礼|礼物|打赏|贡献榜|粉丝团|上舰",
        "弹幕|聊天室|发言",
        "关注主播|主播(?:公告|信息|简介)|更多直播|直播回放",
        "只看主持|^(?:正序|倒序)$",
    ),
    Reason.VIDEO: _signs(
        3,
        r"\d[万亿]?次?(?:播放|观看)|播放(?:量|次数)|观看次数",
        "弹幕",
        "^选集|播放列表|自动连播|连播|(?:正在|接下来)播放|合集",
        "倍速|清晰度|高清|超清|画质|宽屏|全屏|音量",
        "投币|追番|一键三连|稍后再看|下载视频|缓存",
        "(?:相关|推荐|更多|热门)(?:视频|影片)",
        "^(?:视频|节目|影片)?简介[:：]?$|手机看",
    ),
}
"""Of the whole page: its buttons, tabs and counters."""
PRICE = re.compile(r"[¥￥]\s?\d|^[¥￥]$|\d元(?:起|/|$)|^\d+(?:\.\d+)?元", re.MULTILINE)
BUY = 2
"""The first signs of a product: with one of them, a price is enough."""

SHEETS = {
    Reason.JOB: _signs(
        4,
        r"(?:投递?个?|发送)简历|申请(?:该)?(?:职位|岗位)|立即(?:沟通|申请|应聘)|我要应聘|简历投递",
        r"\d\s?[kK千万元]?\s?[-~—–至]\s?\d[\d.]*\s?(?:[kK]|千|万|元)|(?:薪[资酬水]|月薪|待遇)\s?[:：]|^面议$",
        r"^(?:岗位|工作|职位|主要)(?:职责|描述|内容|信息|介绍|说明|诱惑)",
        r"^(?:任职|岗位|职位|应聘|招聘)(?:要求|资格|条件)",
        r"经验|^\d+-\d+年$|(?:^|要求\s?[:：]\s?)(?:本科|大专|硕士|博士|学历不限)|学历|招聘?\s?\d+\s?人|招聘人数|全职",
        r"^招聘中|招聘经理|^公司(?:介绍|信息|规模)|^工作(?:地[址点]|城市)|职能类别|^福利",
        of_action=4,
    ),
    Reason.DOWNLOAD: _signs(
        4,
        r"(?:立即|高速|本地|电信|联通|移动|安全|官方|普通|直接|免费|网盘|安卓版?|苹果版?|电脑版)(?:下载|安装)|下载(?:地址|到|列表)|安装到",
        r"^(?:软件|文件|应用|程序|安装包|游戏)?大小(?:\s?[:：]|$)|^\d[\d.]*\s?[MKG]B?$",
        r"^(?:软件|界面|应用|游戏)?(?:语言|授权)(?:方式|类型)?(?:\s?[:：]|$)|(?:免费|共享|开源|收费)软件$",
        r"^(?:适用|运行|支持|操作)?(?:系统|环境|平台)(?:要求)?(?:\s?[:：]|$)|^(?:要求|兼容性)$",
        r"^(?:软件|驱动|当前|最新|应用)?版本号?(?:\s?[:：]|$)|^包名|^开发[者商](?:\s?[:：]|$)|^厂商(?:\s?[:：]|$)",
        r"下载(?:次数|量)|次安装|人安装|次下载",
        r"^(?:软件|应用|驱动|游戏|程序)(?:介绍|简介|说明|特[色点]|功能|截图)|^功能(?:特[色点]|介绍)|^更新(?:日志|内容)$|^新版特性|^编辑点评|^(?:同类|相关|热门)(?:软件|应用|下载)",
        of_action=1,
    ),
    Reason.EVENT: _signs(
        3,
        r"^(?:立即|我要|马上|在线|点击|免费)?(?:报名|购票|预[订定约]|抢票)(?:参加)?$|^(?:立即|我要)参加|选座购买|^(?:选择)?票种|^购票须知",
        r"^(?:活动|演出|举办|开始|比赛)?时间\s?[:：]|^活动(?:日程|流程)",
        r"^(?:活动|演出|举办|比赛)?(?:地[点址]|场馆|会场)\s?[:：]",
        r"票价|票[¥￥]|费用|^[^，。]{0,4}票\s?[¥￥]?\d",
        r"限额?\s?\d+\s?人|已报名|报名人数|^名额|人数\s?[:：]",
        r"^(?:主办方?|主办单位|承办方?|承办单位|发起人|组织者)\s?[:：]",
        of_action=1,
    ),
}
"""From the title to the end of the text, where a post, a program or an event shows its facts and what may be done with it."""

FACTS = {
    "film": _signs(3, "^导演", "^编剧", "^(?:主演|演员)", "^类型", "^(?:上映|首播)", "^(?:片长|集数)", "^制片"),
    "book": _signs(3, "^作\\s*者", "^出版", "^ISBN", "^(?:页数|字数)", "^定价", "^装帧", "^状\\s*态", "^(?:类别|分类)"),
    "person": _signs(3, "^(?:职称|职务)", "^(?:科室|部门|单位|所在)", "^(?:出诊|门诊)", "^(?:研究|主攻)方向|^专业", "^(?:学历|学位)", "(?:邮箱|电话)", "^办公"),
}  # fmt: skip
"""Labels of what a catalogue knows of a film, a book or a person, each at the beginning of a line."""

OFFER = _signs(
    3,
    r"[¥￥$]\s?\d|\d(?:\.\d+)?万?元|元/|(?:售价|总价|单价|月租|租金|报价|参考价|挂牌价?|首付|价格|价钱)\s*[:：]?",
    r"^(?:屏幕|电池|处理器|内存|存储|摄像头|上市(?:日期|时间)|重量|毛重|尺寸|材质|型号|品牌|产地|净含量|保质期|货号|规格|排量|油耗|轴距|编号)(?:[:：\s]|$)",
    r"\d[室房]\d?[厅卫]?|户型|\d万?公里$|上牌|过户",
    r"\d\s?(?:㎡|平米|平方米?|坪)|(?:建筑|使用|套内)?面积(?:[:：\s]|$)",
    r"^(?:朝向|楼层|装修|产权|屋龄|房龄|车位|电梯|小区|社区|格局|类型|楼盘)(?:[:：\s]|$)",
    r"^(?:网友|用户|车主|买家)?(?:点评|口碑|评分|评价)(?:[:：\s\d(（]|$)|\d(?:\.\d)?分(?:$|\W)",
    of_action=1,
)
"""What goods and properties have below the title: price, measures, opinions."""
SELLER = re.compile(
    "经纪人|中介|仲介|(?:预约|在线|免费)?看房|房源|联系(?:卖家|商家|房东|屋主|经销商)|(?:电话|在线|立即|免费)(?:咨询|询价)|询(?:底)?价|报价|经销商|加入对比"
)
THREAD = _signs(
    3,
    r"\d\s?[个条]?回答|(?:写|查看|我来|全部|更多|其他|条)回答|^回答|回答[(（]?\d",
    "关注问题|邀请回答|好问题|问题(?:补充|描述)|提问者|我要提问|提问(?:时间|于)|类似问题|相关问题",
    "(?:最佳|满意|推荐|优质)(?:答案|回答|解答)|^(?:已)?采纳",
    "关注者|被浏览",
    r"^(?:赞同|得票|已?[赞踩]过?(?:\s?\d|$))|^(?:有用|没用)",
    "追问|追答|匿名用户|热心网友|^谢邀",
    of_action=4,
)
"""Of the whole page: questions with the answers of readers."""
PRAISE = re.compile(r"^(?:赞同?|得票|已赞过|有用)\s?\d*", re.MULTILINE)

REPLY = re.compile(
    r"(?:回复|[顶踩赞]|支持|反对|有用|举报)\s?(?:[\[(（]?\s?\d*\s?[\])）]?)(?:(?=\W|回复|[顶踩赞]|支持|反对|举报)|$)"
)
"""At the beginning of what stands below each comment of a reader."""
COMMENTED = re.compile(
    r"\d\s?[条人次]?(?:评论|参与|跟[帖贴]|留言)|(?:评论|跟[帖贴]|留言|参与)\s?\d|(?:热门|最新|网友|全部)(?:评论|跟[帖贴]|留言)"
)
COMMENTS_TITLE = re.compile("评论|留言|跟[帖贴]")
CHAPTER = re.compile(r"第\s?[\d一二三四五六七八九十百千零〇两]{1,6}\s?[章回节卷]")
COUNTERS = _signs(
    2,
    r"粉丝",
    r"关注(?:者)?\s?\d|\d\s?关注",
    r"文章数?\W{0,2}\d|\d\s?(?:篇)?(?:文章|原创)",
    r"获赞|收获喜欢|总?访问量|评论数",
    "注册时间|码龄|个人主页",
)
"""Of an account: readers, texts, praise."""
ACCOUNT_TITLE = re.compile("的(?:个人)?(?:主页|空间|文章|专栏|博客|文集)$|^个人(?:主页|空间)|[,，]作者$|^作者[:：]")
PICTURES = re.compile(r"^\d{1,3}\s?/\s?\d{1,3}|^共?\s?\d{1,3}\s?[张幅]|查看原图|[上下]一图集|幻灯", re.MULTILINE)
"""Of a gallery: which picture of how many."""
CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?!\d)")
LIVE_TITLE = re.compile(r"(?:图文|文字|视频)?直播\s?[:：丨|｜]|[^，。：]{1,16}(?:的直播间|正在直播)(?:\W|_|$)")
"""At the beginning of the title of a page that is live; news have the words in a sentence."""
