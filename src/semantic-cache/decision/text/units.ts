/** A kind of measure; two numbers compare only within one. */
export interface Unit {
  readonly dimension: string
  /** How many of the dimension's base units one of these is. */
  readonly scale: number
}

const TABLE = `length 0.001 mm millimeter|length 0.01 cm centimeter centimetre 厘米 公分|length 1 m meter metre 米 公尺|length 1000 km kilometer 公里 千米|
length 0.0254 inch inches in 英寸 寸|length 0.3048 ft foot 英尺|length 1609.344 mile mi 英里|length 0.9144 yard yd 码|
mass 0.001 mg milligram 毫克|mass 1 g gram 克|mass 1000 kg kilo kilogram 公斤 千克|mass 500 斤 市斤|mass 50 两重|mass 453.592 lb lbs pound-mass 磅|mass 28.3495 oz ounce 盎司|mass 1000000 ton tonne 吨|
time 1 s sec second secs 秒 秒钟|time 0.001 ms millisecond 毫秒|time 60 minute 分钟|time 3600 hour 小时 钟头 个小时 个钟头|time 86400 day 天|time 604800 week wk 周 星期 个星期 礼拜 个礼拜|
time 2592000 month mo 个月|time 31536000 year yr 年 载|age 1 岁 周岁|
volume 1 l liter 升|volume 0.001 ml milliliter millilitre 毫升|volume 0.01 cl|volume 3.785 gallon gal 加仑|volume 0.473 pint|volume 0.237 cup|volume 0.0148 tablespoon tbsp|volume 0.0049 teaspoon tsp|
data 1 byte|data 1000 kb|data 1000000 mb mib 兆|data 1000000000 gb gig gib|data 1000000000000 tb|rate 1000000 mbps mbit|rate 1000000000 gbps gbit|rate 1000 kbps|
speed 1 kmh kph|speed 1.609344 mph|percent 1 % percent pct 个点|energy 1 kcal calorie 大卡 千卡|energy 0.239 kj kilojoule|power 1 w watt 瓦|power 1000 kw 千瓦|energy-electric 1 kwh 度电|charge 1 mah|voltage 1 volt 伏|
temperature-c 1 celsius 摄氏度 °c c ℃|temperature-f 1 fahrenheit 华氏度 °f f ℉|degree 1 degree ° 度|pixel 1 px pixel 像素|
money-usd 1 usd dollar $ buck 美元 美金 美刀 刀|money-usd 0.01 cent 美分|money-eur 1 eur euro € 欧元|money-gbp 1 gbp £ quid 英镑|money-jpy 1 jpy yen 日元|money-cny 1 cny rmb yuan ¥ 元 块 块钱 元钱 人民币|money-cny 0.1 毛 角|
money-krw 1 won krw 韩元|money-inr 1 rupee inr ₹ 卢比|money-hkd 1 hkd 港币 港元|money-twd 1 twd 台币|money-chf 1 chf franc 法郎|pound 1 pound|money-aud 1 aud 澳元|money-cad 1 cad 加元|
length 500 里|area 1 sqm 平米 平方米 平方 平|area 666.67 亩|area 10000 hectare 公顷|area 4046.86 acre|discount 1 折|hp 1 hp horsepower 马力`

const UNITS = new Map<string, Unit>()
for (const row of TABLE.replaceAll('\n', '').split('|')) {
  const [dimension = '', scale = '1', ...names] = row.split(' ')
  for (const name of names) UNITS.set(name, { dimension, scale: Number(scale) })
}

/** The unit of a word (its lemma or itself) or sign. */
export function unitOf(word: string): Unit | undefined {
  return UNITS.get(word)
}

/** Longest Chinese unit name, in characters. */
export const LONGEST_HAN_UNIT = 3
