/** Opposites that the general lists lack, mostly of software and trade: a word and its opposites a line. */
export const ENGLISH_PAIRS = `
enable disable
on off
activate deactivate
start stop end finish
begin end finish stop
open close shut
add remove delete drop
insert delete remove
include exclude
allow forbid block prohibit deny
increase decrease reduce lower
raise lower reduce cut
accept reject decline refuse
buy sell
borrow lend
send receive
push pull
win lose
arrive depart leave
enter leave exit
show hide
lock unlock
before after
above below
over under
more less fewer
most least
maximum minimum
max min
up down
in out
inside outside
internal external
import export
upload download
encrypt decrypt
encode decode
compress decompress
install uninstall
subscribe unsubscribe
sender recipient receiver
employer employee
landlord tenant
buyer seller
old new
oldest newest latest
first last
early late
earliest latest
left right
front rear back
top bottom
horizontal vertical
ascending descending
public private
single multiple
gain lose
pass fail
save spend
deposit withdraw
debit credit
income expense
profit loss
hire fire
marry divorce
cold hot warm
boil freeze
dry wet
fast slow
high low
long short
big small
large small
cheap expensive
full empty
male female
boy girl
man woman
husband wife
son daughter
brother sister
mother father
day night
summer winter
north south
east west
advantage disadvantage
strengthen weaken
expand shrink collapse
connect disconnect
merge split
join leave split
attach detach
lossless lossy
online offline
inbound outbound
incoming outgoing
lengthen shorten
thicken thin
`
export const CHINESE_PAIRS = `
开 关 闭
开启 关闭
打开 关闭 关上
启用 停用 禁用
上 下
前 后
左 右
里 外
内 外
进 出
入 出
来 去
买 卖
借 还 贷
收 付 发
加 减
增 减
增加 减少 降低
提高 降低
升 降
涨 跌
多 少
大 小
高 低
长 短
快 慢
早 晚
先 后
新 旧
好 坏 差
冷 热
男 女
儿 女
夫 妻
老 少
存 取
绑 解
登录 退出
安装 卸载
上传 下载
导入 导出
加密 解密
允许 禁止
同意 拒绝
接受 拒绝
添加 删除
新增 删除
增 删
至少 最多 至多
最少 最多
最大 最小
最高 最低
最长 最短
最早 最晚
最新 最旧
超过 不到 低于
大于 小于
高于 低于
多于 少于
以上 以下
以前 以后
之前 之后
入职 离职
上涨 下跌
转入 转出
收入 支出
公历 农历
变大 变小
放大 缩小
压缩 解压
连接 断开
开通 取消 关闭 注销
注册 注销
订阅 退订
充值 提现
挂 接
哥 姐 弟 妹
爸 妈
左边 右边
南 北
东 西
赢 输
胖 瘦
增肥 减肥
升级 降级
单 双
输入 输出
正 反 负
推迟 提前
延长 缩短
`

/** Prefixes that turn a word round, the empty one included. */
export const OPPOSITE_PREFIXES: readonly (readonly [string, string])[] = [
  ['', 'un'],
  ['', 'dis'],
  ['', 'non'],
  ['', 'in'],
  ['', 'im'],
  ['', 'ir'],
  ['', 'il'],
  ['', 'de'],
  ['', 'mis'],
  ['en', 'de'],
  ['en', 'dis'],
  ['up', 'down'],
  ['in', 'out'],
  ['im', 'ex'],
  ['in', 'ex'],
  ['over', 'under'],
  ['pre', 'post'],
  ['under', 'over'],
  ['with', 'without'],
  ['inter', 'intra'],
  ['multi', 'single'],
  ['hypo', 'hyper'],
  ['exo', 'endo'],
  ['macro', 'micro'],
  ['mono', 'multi'],
  ['mono', 'poly'],
  ['brady', 'tachy'],
  ['on', 'off'],
  ['de', 're'],
]
