"""Pages that are no articles, each beside an article about the same things."""

from __future__ import annotations

import pytest

from tests.pages.pages import PARAGRAPHS, page, paragraphs, read, teasers

RELATED = f"<h3>相关资讯</h3><ul>{teasers()}</ul>"
ABOUT = (
    "北辰网成立于2009年，是一家区域综合新闻网站，我们为您提供及时、准确的资讯。网站设有二十个频道，欢迎您与我们联系。"
)
POLICY = [
    "本政策说明我们如何收集、使用和保护您的个人信息，请您在使用本站的服务之前仔细阅读。",
    "您注册账号时，我们会收集您的手机号码；您可以随时更正或删除这些信息，也可以注销账号。",
    "我们不会向第三方出售您的个人信息，法律法规另有规定的除外。",
]
COMPANY = "澄光电器有限公司创建于1998年，专业生产家用冰箱和冷柜，产品销往四十多个国家，拥有三座现代化厂房。"


def form(title: str, content: str, *, head: str = "北辰网", s: str = "") -> str:
    return page(f"<div>{s}<h1>{title}</h1>{s}{content}{s}</div>", title=f"{title}_{head}")


SITE_PAGES = [
    ("关于我们", f"<p>{ABOUT}</p>"),
    ("關於我們", f"<p>{ABOUT}</p>"),
    ("联系我们", "<p>地址：杭州市人民路88号</p><p>电话：0571-00000000，工作日早九点至晚五点有人接听。</p>"),
    ("公司简介", f"<div>2019-05-06 10:00 来源：本站 点击：302</div><p>{COMPANY}</p>"),
    ("澄光电器有限公司", f"<p>{COMPANY}</p>"),
    ("澄光電器有限公司", f"<div>2019-05-06</div><p>{COMPANY}</p>"),
    ("隐私政策", f"<div>更新日期：2023-01-01</div>{paragraphs(POLICY)}"),
    ("隱私權政策", paragraphs(POLICY)),
    ("北辰网隐私政策", f"<div>更新日期：2023-01-01</div>{paragraphs(POLICY)}"),
    ("《北辰网用户服务协议》", paragraphs(POLICY * 4)),
    ("北辰新闻客户端个人信息保护政策", paragraphs(POLICY)),
    ("免责声明", "<p>本站转载的内容版权归原作者所有，如有疑问请与我们联系，我们会及时处理。</p>"),
    ("投稿须知", f"<p>{ABOUT}</p>"),
    ("广告服务", f"<p>{ABOUT}</p>"),
]
SITE_NEWS = [
    ("多款应用的隐私政策被指过度收集信息", "<div>2026-03-06</div>"),
    ("监管部门要求修改用户协议", ""),
    ("星河手机更新隐私政策", "<div>2026-03-06 08:30</div>"),
    ("关于我们这一代人的住房", "<div>2026-03-06</div>"),
    ("关于我们", "<div>2026-03-06 08:30 作者：许砚</div>"),
    ("隐私政策", "<div>2026-03-06 08:30 来源：北辰晚报 作者：许砚</div>"),
    ("澄光电器有限公司被罚五十万元", "<div>2026-03-06</div>"),
    ("北辰集团公布新的公司架构", ""),
    ("投稿须知背后的学术期刊生意", "<div>2026-03-06</div>"),
    ("网站招聘信息真假难辨", ""),
]


@pytest.mark.parametrize("s", ["", "\n"])
@pytest.mark.parametrize(("title", "content"), SITE_PAGES)
def test_a_page_of_the_site_on_itself(title: str, content: str, s: str) -> None:
    assert read(form(title, content, s=s)).rejected == "site_page"


@pytest.mark.parametrize("related", ["", RELATED])
@pytest.mark.parametrize(("title", "info"), SITE_NEWS)
def test_news_about_such_pages(title: str, info: str, related: str) -> None:
    assert read(form(title, info + f"<div>{paragraphs()}</div>" + related)).rejected is None


def chat(*lines: str, tag: str = "p") -> str:
    return "".join(f"<{tag}>{line}</{tag}>" for line in lines)


CHAT = chat("小毛：主播几点下播", "阿布 来了", "用户123：已拍，求加急", "大山：这个颜色有货吗")
PAIRS = chat(
    "紫外线指数：最弱，辐射弱，可不涂防晒。", "感冒指数：易发，注意添衣。", "穿衣指数：较冷，建议穿厚外套。", tag="li"
)
DAYS = "".join(f"<li><p>{day}日</p><p>多云</p><p>{day}℃</p><p>3级</p></li>" for day in range(6, 13))
HOUSE = "".join(
    f"<tr><th>{label}</th><td>{value}</td></tr>"
    for label, value in [
        ("总价", "320万元"),
        ("户型", "3室2厅"),
        ("建筑面积", "98㎡"),
        ("朝向", "南"),
        ("楼层", "12/18"),
    ]
)
NO_ARTICLES = [
    ("product", f"<div>参考价：<em>￥2999</em> <a>查询底价</a></div><table><tr><th>屏幕</th><td>6.7英寸</td></tr></table><div>网友点评 4.3分</div><p>优点：屏幕细腻，续航扎实。缺点：手感略重。</p>{RELATED}"),
    ("product", "<div>報價：$12,900</div><ul><li>重量：180g</li><li>型號：X9</li></ul><div>用戶評分 4.5</div><p>優點：螢幕細膩。缺點：充電慢。</p>"),
    ("product", f"<table>{HOUSE}</table><p>满五唯一，采光好，近地铁，业主诚心出售，随时可以看。</p><div>联系经纪人</div>"),
    ("product", f"<div>发布时间：2026-03-06</div><div>房源编号：10021</div><table>{HOUSE}</table><p>满五唯一，采光好，近地铁，业主诚心出售。</p>"),
    ("product", "<div>2999元/月</div><div>2房1厅</div><div>面積：28坪</div><div>格局：2房</div><p>採光好，近捷運，房東自租，可開伙。</p><div>聯絡房東</div>"),
    ("live_room", f"<div>在线观众 1.2万</div><div><a>关注</a> <a>送礼物</a></div><div>{CHAT}</div>"),
    ("live_room", f"<div>觀看人數：302</div><div>直播中</div><div>{chat('阿明：主播好！', '小美：這件多少錢？', '大山：有沒有黑色？')}</div>"),
    ("no_body", f"<div>{CHAT}</div>"),
    ("no_body", f"<div>{chat('来了', '主播好', '这个多少钱', '有黑色吗')}</div>"),
    ("video", "<div><video src=x></video></div><div><span>2.3万次播放</span> <span>2026-03-06发布</span> <a>晨钟体育</a></div><div>简介：替补登场的边锋用一记倒钩点燃全场。</div>"),
    ("video", "<div>播放次数：302</div><div>2026-03-06</div><h2>相关视频</h2><div>選集</div><p>簡介：替補登場的邊鋒用一記倒鉤點燃全場。</p>"),
    ("no_body", f"<div>07:30更新</div><ul>{PAIRS}</ul>"),
    ("no_body", f"<div>2026-03-06 07:30更新</div><ul>{DAYS}</ul><ul>{PAIRS}</ul>"),
    ("no_body", f"<ul>{chat('股票代码：000001', '所属行业：家用电器', '上市日期：1998年3月', '主营业务：冰箱、冷柜的生产和销售。', tag='li')}</ul>"),
]  # fmt: skip
ARTICLES = [
    "<div>2026-03-06 08:30</div><p>星河手机今日发布新机，起售价3999元，屏幕为6.7英寸，电池容量六千毫安时，首批备货已经运抵门店。</p>",
    "<div>2026-03-06</div><p>优点：屏幕细腻。</p><p>缺点：手感略重。</p>" + paragraphs(),
    f"<div>2026-03-06 08:30 来源：北辰网</div><table>{HOUSE}</table><p>法院今日拍卖这套住房，起拍价三百二十万元。</p>",
    f"<div>2026-03-06</div>{paragraphs()}<table>{HOUSE}</table>",
    "<div>2026-03-06 08:30 来源：北辰网</div><div>14:02 双方入场。</div><div>14:30 边锋破门，主队领先。</div><div>14:45 中场休息。</div>",
    f"<div>2026-03-06</div><p>简介：一部关于渔村的纪录片。</p>{paragraphs()}<div>2.3万次播放</div><h2>相关视频</h2>",
    f"<div>北辰天气 2026-03-06 07:30</div><ul>{DAYS}</ul>{paragraphs()}",
    "<p>记者：新机为什么推迟？</p><p>许砚：散热结构改过三次，我们想等它成熟。</p><p>记者：首批有多少台？</p><p>许砚：大约十万台，周末到店。</p>",
    "<div>2026-03-06</div><p>停电时间：3月8日8时至12时。</p><p>停电范围：人民路以东、环城路以南。</p><p>咨询电话：95598，如遇雨天顺延。</p>",
    "<div>2026-03-06</div>" + chat("三月的河面还结着冰，渡船停在对岸", "守船的人在岸边生火，等第一个过河的人", "他说，水声近了，春天就近了"),
    "<p>三家门店今日同时开业，首日客流超过预期。</p>",
]  # fmt: skip


@pytest.mark.parametrize("s", ["", "\n"])
@pytest.mark.parametrize(("kind", "content"), NO_ARTICLES)
def test_a_page_without_running_text(kind: str, content: str, s: str) -> None:
    assert read(form("某某某的页面标题在这里", content.replace("><", f">{s}<"), s=s)).rejected == kind


@pytest.mark.parametrize("s", ["", "\n"])
@pytest.mark.parametrize("content", ARTICLES)
def test_an_article_about_such_things(content: str, s: str) -> None:
    assert read(form("星河手机与它的第一批用户", content.replace("><", f">{s}<"), s=s)).rejected is None


THREADS = [
    f"<div>3个回答</div><div>关注问题</div><div>匿名用户</div><div>{paragraphs()}</div><div>赞同 12</div>",
    f"<div>提问者：小毛</div><h2>最佳答案</h2><div>{paragraphs(PARAGRAPHS * 5)}</div><div>追问</div><div>全部回答</div>",
    f"<div>提問者</div><div>最佳解答</div><div>{paragraphs()}</div><div>其他回答</div>",
]


@pytest.mark.parametrize("thread", THREADS)
@pytest.mark.parametrize("title", ["新机的电池怎么保养？", "新机值得买吗", "新機的電池為什麼掉得這麼快"])
def test_a_question_with_the_answers_of_readers(title: str, thread: str) -> None:
    assert read(form(title, thread)).rejected == "question"


@pytest.mark.parametrize("title", ["新机的电池怎么保养？", "新机值得买吗"])
def test_an_article_whose_title_is_a_question(title: str) -> None:
    assert (
        read(form(title, f"<div>2026-03-06</div><div>{paragraphs()}</div><div>赞同 12</div><div>写评论</div>")).rejected
        is None
    )


@pytest.mark.parametrize("thread", THREADS)
def test_an_article_beside_answers(thread: str) -> None:
    told = f"<div>2026-03-06 08:30 来源：北辰网</div><div>{paragraphs()}</div>"
    assert read(form("新机值得买吗", told + f"<aside>{thread}</aside>")).rejected is None


CHAPTERS = "".join(f"<li><a href='/b/{n}'>第{n}章 渡口之{n}</a></li>" for n in range(1, 9))
DUTIES = (
    "<h3>岗位职责</h3><p>1、负责渡轮调度系统的开发和维护。</p><h3>任职要求</h3><p>1、三年以上经验，熟悉常用框架。</p>"
)
COMMENTS = "".join(
    f"<div><b>读者{n}</b><span>2026-03-0{n} 08:30</span><p>第{n}班船又晚点了，希望早日改善。</p><a>回复</a><a>顶({n})</a></div>"
    for n in range(1, 5)
)
ENTRIES = "".join(
    f"<div><a href='/{n}.html'>第{n}艘渡轮今天完成检修下水</a><p>渡口见闻之{n}。</p></div>" for n in range(8)
)
PICTURES = "".join(f"<div><img src='{n}.jpg'><p>三月的渡口，船在等人。</p></div>" for n in range(5))
TICKS = "".join(f"<div><b>09:{n}0</b><p>第{n}艘船驶过终点，岸上掌声不断。</p></div>" for n in range(1, 6))
UNWRITTEN = {
    "job": [
        f"<div>15-25K·13薪 | 杭州 | 3-5年 | 本科</div>{DUTIES}<button>投递简历</button>",
        f"<div>薪資：面議</div><div>學歷要求：碩士</div>{DUTIES}<div>工作地點：台北</div>",
    ],
    "download": [
        "<ul><li>大小：18.6 MB</li><li>语言：简体中文</li><li>系统：Win10</li><li>更新：2026-03-06</li></ul><a href='#d'>立即下载</a><h3>软件介绍</h3><p>渡轮时刻表是一款轻便的查询工具，离线也能使用。</p>",
    ],
    "event": [
        "<div>时间：2026-03-08 14:00</div><div>地点：渡口书店</div><div>主办方：渡口书店</div><div>限30人</div><p>三位船长聊聊他们走过的水路，现场备有茶点。</p><button>立即报名</button>",
    ],
    "catalogue": [
        "<div>导演: 许砚 / 谢知</div><div>主演: 谢知 / 许夏</div><div>类型: 剧情</div><div>上映日期: 2026-03-06</div><h2>剧情简介</h2><p>守船的人在大桥通车前夜送走最后一位客人，两人从天黑聊到天亮。</p>",
        "<p>职称：教授</p><p>研究方向：水文</p><p>邮箱：x@example.com</p><h4>简介</h4><p>主持过多项水文观测，讲授流体力学二十年，著有教材两部。</p>",
    ],
    "listing": [
        f"<p>作者：许砚 状态：连载 更新时间：2026-03-06</p><p>守船的人救起了一位不会说话的旅人。</p><ul>{CHAPTERS}</ul>",
        f"<p>撰稿人，写水也写山，住在渡口边上。</p><div>文章 128</div><div>粉丝 3412</div>{ENTRIES}",
    ],
    "comments": [f"<p>128人参与 33条评论</p>{COMMENTS}"],
    "gallery": [f"<div>1/5</div>{PICTURES}"],
    "live_room": [f"<div>直播已结束 3.4万人参与</div>{TICKS}"],
    "product": ["<div>¥1,299.00</div><button>加入购物车</button><p>指纹、密码、刷卡三种方式开锁，内置电池可用一年。</p>"],
    "question": ["<div>关注者 12 被浏览 302</div>" + "<p>因为船身涂了防锈漆，这种漆的颜色最便宜。</p><span>赞同 33</span>" * 2],
}  # fmt: skip
WRITTEN = [
    f"<div>2026-03-06 08:30 来源：北辰网</div>{DUTIES}<div>工作地点：杭州</div><div>简历投递：x@example.com</div>",
    f"<div>2026-03-06</div>{paragraphs()}<p>大小：18.6 MB，语言：简体中文。</p><p>下载地址：<a href='/d'>官网</a></p>",
    "<div>2026-03-06</div><p>时间：3月8日（周日）14:00</p><p>地点：渡口书店</p><p>三位船长聊聊他们走过的水路，欢迎读者前来，无需报名。</p>",
    f"<div>2026-03-06</div><p>导演：许砚</p><p>主演：谢知</p><p>类型：剧情</p>{paragraphs()}",
    f"{paragraphs(PARAGRAPHS * 2)}<h3>往期回顾</h3><ul>{CHAPTERS}</ul>",
    f"<div>2026-03-06</div><div>文章 128</div><div>粉丝 3412</div>{paragraphs(PARAGRAPHS * 2)}{ENTRIES}",
    f"<div>{paragraphs()}</div><h3>网友评论 33条</h3>{COMMENTS}",
    f"<div>2026-03-06 来源：北辰网</div><div>1/5</div>{PICTURES}",
    f"<div>2026-03-06 来源：北辰网</div>{TICKS}",
    f"{paragraphs()}<div>同款门锁</div><div>￥158</div><a href='/buy'>立即购买</a>",
    f"<div>2026-03-06</div><p>{PARAGRAPHS[0]}{PARAGRAPHS[1]}</p><div>320万元</div><div>3室2厅</div><div>98㎡</div><div>在线咨询</div>",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content"), [(kind, each) for kind, forms in UNWRITTEN.items() for each in forms])
def test_a_page_that_nobody_reports_on(kind: str, content: str) -> None:
    title = {"question": "渡轮为什么是红色的？", "live_room": "直播：渡口龙舟赛开赛"}.get(kind, "守灯渡口与它的人们")
    assert read(form(title, content)).rejected == kind


@pytest.mark.parametrize("content", WRITTEN)
def test_a_report_that_holds_the_same(content: str) -> None:
    assert read(form("守灯渡口与它的人们", content)).rejected is None
