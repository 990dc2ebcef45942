/** What Chinese phrases say, in the form of the English table; phrases of one to four characters, the longest wins. */
export const CHINESE_PHRASES = `
- none: 不同, 不过, 不仅, 不但, 不好意思, 对不起, 不错, 差不多, 不少, 不久, 不管, 不论, 无论, 非常, 别的, 特别, 分别, 性别, 级别, 区别是, 类别, 告别, 无线, 未来, 不知道, 不知, 不得不, 不要紧, 没关系, 了不起, 能不能, 可不可以, 是不是, 要不要, 会不会, 有没有, 行不行, 好不好, 对不对, 该不该, 需不需要, 用不用, 算不算, 想不想, 可不可, 得不得, 买不买, 不断, 不一定, 要不, 无人机, 无锡, 不锈钢, 请问, 我想问, 想问一下, 想知道, 谢谢, 麻烦, 帮忙, 帮我, 请教, 一下, 没问题, 毫无疑问, 打开方式, 开始, 开心, 开关, 关于, 有关, 相关, 上海, 上面, 以上, 上班, 上学, 上课, 下班, 一些, 一样, 一直, 一起, 一般, 一定, 多大, 大家, 大概, 大约, 小孩, 小时, 小米, 小心
negation not: 不, 没, 无, 未, 非, 勿, 没有, 无法, 不能, 不会, 不可以, 不可, 不用, 不要, 不想, 不行, 不到, 不了, 不再, 不是, 从不, 从未, 并非, 别, 不得, 禁止, 免, 拒绝, 避免, 防止, 缺乏, 缺少, 除了, 除外, 以外, 而不是, 而非, 尚未, 还没, 没法, 不准, 严禁
question howmany: 多少, 几个, 几, 多少个, 几次, 几只, 几人, 几种, 数量, 个数, 几位, 几条, 几张, 几件, 几样
question price: 多少钱, 价格, 费用, 价钱, 收费, 贵, 便宜, 几块钱, 几块, 花费, 成本, 手续费, 怎么收费, 贵不贵, 啥价, 报价, 花多少
question howlong: 多久, 多长时间, 几天, 几个月, 几年, 几小时, 几分钟, 几个小时, 时长, 期限, 多少天, 多少小时, 多少分钟, 几周, 几日, 有效期, 多少年, 几个钟头, 几秒
question howoften: 多久一次, 频率, 几次, 多少次
question howold: 几岁, 多大年龄, 年龄, 多大年纪, 多少岁
question howfar: 多远, 多高, 多大, 多重, 多深, 多快, 多长, 多宽, 距离
question why: 为什么, 为何, 为啥, 原因, 怎么回事, 咋回事, 何故, 怎么会, 什么原因, 啥原因, 因何, 凭什么, 缘故, 由来, 理由
question who: 谁, 哪位, 什么人, 何人, 哪个人
question when: 什么时候, 几时, 何时, 啥时候, 几点, 哪天, 什么时间, 几号, 几月, 哪一年, 哪年, 截止, 日期, 什么日子, 时间
question where: 哪里, 哪儿, 在哪, 何处, 什么地方, 哪个地方, 啥地方, 去哪, 哪个城市, 哪国, 地址, 位置, 入口
question which: 哪个, 哪些, 哪种, 哪一个, 哪款, 哪家, 哪一种, 哪项, 哪一
question how: 怎么, 如何, 怎样, 怎么办, 咋, 咋办, 方法, 步骤, 办法, 流程, 教程, 怎么样才能, 该怎么, 咋弄, 怎么弄, 怎么做, 攻略, 命令, 方式
question what: 什么, 啥, 是什么, 什么是
question meaning: 什么意思, 意思, 含义, 定义, 指什么, 啥意思, 指的是, 代表什么, 解释, 是指
question difference: 区别, 差别, 差异, 不同点, 对比, 比较, 有什么不同, 有何不同, 哪个好, 哪个更, 相比
question best: 最好, 推荐, 建议, 哪个好, 什么好, 求推荐, 首选, 最佳, 哪家好, 比较好
question symptoms: 症状, 迹象, 表现, 怎么看出, 征兆, 怎么判断, 如何判断
question effect: 后果, 影响, 副作用, 会怎么样, 会怎样, 作用, 效果, 好处, 功效, 会导致, 导致, 引起
question example: 例子, 举例, 示例, 例句, 样例, 范例
question advantage: 优点, 好处, 优势, 利
question disadvantage: 缺点, 坏处, 弊端, 劣势, 危害, 风险
question allowed: 可以, 能, 能不能, 可不可以, 允许, 可否, 能否, 行不行, 行吗, 可以吗, 能吗, 合法, 违法, 是否可以, 让不让, 准许, 合规
question required: 必须, 需要, 要不要, 需不需要, 得, 一定要, 用不用, 非得, 必要, 要求, 条件, 是否需要, 须
question safe: 安全, 危险, 有害, 有毒, 健康
question normal: 正常, 常见
question trouble: 故障, 坏了, 出错, 报错, 失败, 异常, 卡住, 打不开, 用不了, 连不上, 没反应, 登不上, 登录不了
modality can: 可以, 能, 能不能, 可不可以, 可否, 能否, 行不行, 允许, 可能, 能够
modality should: 应该, 该, 应当, 该不该, 最好, 宜, 建议, 应
modality must: 必须, 需要, 要不要, 需不需要, 得, 一定要, 用不用, 非得, 务必, 须, 必需
modality would: 会, 将, 将要, 会不会, 即将
modality want: 想, 想要, 希望, 打算, 准备
tense past: 了, 过, 已经, 曾经, 以前, 刚才, 刚, 之前, 上次, 原来, 昨天, 去年, 当时, 曾, 当年, 早就
tense future: 将, 将要, 即将, 以后, 将来, 快要, 未来, 下次, 今后, 之后
tense still: 还, 仍, 仍然, 依然, 还是, 还在, 还没, 尚未, 继续, 不再, 一直
tense again: 再, 又, 重新, 再次, 另, 重
tense progress: 正在, 着, 在途, 中
tense becoming: 变成, 成为, 变, 变为
pronoun first: 我, 我们, 咱, 咱们, 本人, 自己, 俺
pronoun second: 你, 您, 你们, 贵
pronoun third: 他, 她, 他们, 她们, 别人, 人家, 对方, 他人, 其他人
pronoun child: 孩子, 儿子, 女儿, 宝宝, 小孩, 儿童, 婴儿, 小朋友, 娃, 幼儿
pronoun parent: 父母, 爸爸, 妈妈, 父亲, 母亲, 老人, 爸, 妈, 爷爷, 奶奶, 爸妈
pronoun spouse: 老公, 老婆, 丈夫, 妻子, 配偶, 爱人
pronoun colleague: 同事, 老板, 领导, 员工, 公司, 单位
pronoun friend: 朋友, 邻居, 室友, 同学, 房东, 租客
quantifier all: 所有, 全部, 都, 每, 任何, 整个, 全, 各, 每个, 一切, 总是, 完全
quantifier some: 一些, 有些, 部分, 有的, 某些, 有时, 某个
quantifier most: 大多, 大部分, 多数, 通常
quantifier only: 只, 仅, 只有, 仅仅, 只能, 唯一, 单独, 只要, 光, 单
quantifier both: 同时, 一起, 都
quantifier many: 很多, 许多, 多个, 大量, 多次
quantifier atleast: 至少, 最少, 起码, 最低, 不少于, 以上, 不低于, 最短, 最小, 最早, 起
quantifier atmost: 最多, 至多, 最高, 不超过, 以内, 以下, 不多于, 最长, 最大, 上限, 内, 最晚, 不高于, 之内, 封顶
comparison more: 更, 超过, 大于, 多于, 高于, 增加, 提高, 增大, 提升, 加, 升, 涨, 比较大, 更多, 更大, 更好, 变大
comparison less: 少于, 小于, 低于, 减少, 降低, 减小, 下降, 减, 降, 跌, 更少, 更小, 不足, 不到, 变小
comparison same: 一样, 相同, 等于, 同样, 类似
comparison than: 比, 比起, 相比, 还是
condition if: 如果, 要是, 假如, 若, 的话, 万一, 假设, 当, 时
condition unless: 除非, 除了, 以外, 除外
condition with: 带, 含, 包括, 包含, 附带, 加上
condition because: 因为, 由于, 因
condition despite: 虽然, 但是, 但, 尽管, 可是, 即使
order before: 之前, 以前, 前, 先
order after: 之后, 以后, 后, 再
join and: 和, 与, 及, 跟, 并
join or: 或, 或者, 还是
direction from: 从, 由, 自
direction to: 到, 往, 去, 向, 给
form table: 表格, 列表, 清单
form short: 简短, 简单说, 一句话, 概括, 总结, 摘要, 简洁
form long: 详细, 具体, 详解, 作文, 文章
form code: 代码, 脚本, 函数, 正则, 公式
form letter: 邮件, 信, 短信, 通知, 消息
form poem: 诗, 故事, 笑话, 文案, 标题, 口号
form formal: 正式, 礼貌, 委婉, 幽默, 口语
form translate: 翻译, 译成, 翻成
form language: 英文, 英语, 中文, 日语, 日文, 韩语, 法语, 德语, 西班牙语, 俄语, 汉语
action create: 创建, 新建, 添加, 增加, 写, 开通, 注册, 申请, 打开, 启用, 安装, 启动, 开启, 设置, 建, 开, 办理, 办, 生成, 制作, 做
action remove: 删除, 取消, 关闭, 停止, 注销, 移除, 卸载, 退出, 退订, 清除, 去掉, 删, 关, 停, 撤销, 解除, 退, 销户, 终止
action change: 修改, 更改, 换, 更换, 变更, 改, 转换, 替换, 调整, 转
action find: 查, 查询, 查看, 找, 搜索, 看, 查找, 显示, 找到
action fix: 修, 修复, 解决, 恢复, 维修, 找回, 重置, 修理
action prevent: 防止, 避免, 预防, 阻止, 保护
action get: 领, 领取, 获得, 买, 购买, 拿, 收, 取, 收到, 订, 预订
action give: 给, 送, 寄, 付, 还, 卖, 交, 发, 退款, 退货, 支付, 缴
action keep: 保存, 保留, 存, 保持
action improve: 提高, 优化, 改善, 提升
action count: 计算, 统计, 算, 求和
`
