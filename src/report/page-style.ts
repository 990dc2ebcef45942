/** Colours tell apart for most kinds of colour vision, in light and in dark; the legend and the table do not rest on them. */
const LIGHT = ['#2f6fde', '#e07a1f', '#12926b', '#9a55d6', '#d2435c', '#0e93ad', '#a58312', '#6b7689']
const DARK = ['#6fa1ff', '#f5a254', '#43c79b', '#c08cf5', '#f57c91', '#4cc4dc', '#d8b948', '#9aa6b8']

const variables = (colours: readonly string[]) => colours.map((colour, i) => `--series-${i}:${colour}`).join(';')
const classes = LIGHT.map((_, i) => `.fill-${i}{fill:var(--series-${i})}.stroke-${i}{stroke:var(--series-${i})}`).join(
  '',
)
/** Lines also differ in their dashes. */
const dashes = ['', '7 4', '2 3', '10 4 2 4', '', '7 4', '2 3', '10 4 2 4']
  .map((dash, i) => (dash ? `.line.stroke-${i}{stroke-dasharray:${dash}}` : ''))
  .join('')

export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#f4f5f8;--card:#fff;--ink:#1a2130;--soft:#596275;--faint:#8a93a5;--rule:#e3e6ec;--grid:#eceef3;--good:#0f8a5f;--bad:#c9304c;--shadow:0 1px 2px rgba(20,30,55,.05),0 4px 16px rgba(20,30,55,.05);${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{--page:#0f131a;--card:#181d27;--ink:#e8ecf4;--soft:#a4aec0;--faint:#7a8598;--rule:#2a3140;--grid:#242b38;--good:#43c79b;--bad:#f57c91;--shadow:none;${variables(DARK)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
header,main{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:44px;padding-bottom:8px}
h1{margin:0;font-size:30px;line-height:1.2;letter-spacing:-.02em;font-weight:680;text-wrap:balance}
.subtitle{margin:8px 0 0;color:var(--soft);font-size:17px;max-width:70ch;text-wrap:pretty}
.stamp{display:flex;flex-wrap:wrap;gap:6px 18px;margin:18px 0 0;font-size:12.5px;color:var(--faint)}
.stamp div{display:flex;gap:6px}.stamp dd{margin:0;color:var(--soft);font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{padding-bottom:64px}
section{background:var(--card);border:1px solid var(--rule);border-radius:14px;box-shadow:var(--shadow);padding:22px 24px 20px;margin-top:20px}
section.kind-keyFigures{background:none;border:0;box-shadow:none;padding:0}
h2{margin:0 0 4px;font-size:18px;letter-spacing:-.01em;font-weight:640}
.section-note{margin:0 0 14px;color:var(--soft);max-width:78ch;text-wrap:pretty}
h2+.figures,h2+figure,h2+.scroll,h2+.examples{margin-top:12px}
p{margin:0 0 10px;max-width:78ch}p:last-child{margin-bottom:0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(164px,1fr));gap:14px;margin:0}
.figure{position:relative;background:var(--card);border:1px solid var(--rule);border-radius:14px;box-shadow:var(--shadow);padding:15px 18px 14px;overflow:hidden}
.figure dt{color:var(--soft);font-size:13px}
.figure .value{margin:2px 0 0;font-size:27px;line-height:1.25;font-weight:660;letter-spacing:-.02em;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.figure .note{margin:3px 0 0;color:var(--faint);font-size:12.5px;line-height:1.4}
.figure.good .value{color:var(--good)}.figure.bad .value{color:var(--bad)}
.scroll{overflow-x:auto;margin:0 -4px;padding:0 4px}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{color:var(--soft);font-weight:560;font-size:12.5px;text-align:left;vertical-align:bottom}
th,td{padding:8px 14px 8px 0;border-bottom:1px solid var(--rule)}
th:last-child,td:last-child{padding-right:0}
tbody tr:last-child td{border-bottom:0}
.number{text-align:right;white-space:nowrap}
figure{margin:0}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0 0 6px;padding:0;font-size:13px;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:7px}
.swatch{width:13px;height:13px;flex:none}
.chart svg{display:block;width:100%;height:auto;overflow:visible}
.chart .narrow{display:none}
@media (max-width:640px){.chart .wide{display:none}.chart .narrow{display:block}header,main{padding-left:14px;padding-right:14px}header{padding-top:26px}h1{font-size:24px}.subtitle{font-size:15.5px}section{padding:16px 14px;border-radius:12px}.figures{grid-template-columns:repeat(2,1fr);gap:10px}.figure{padding:12px 13px}.figure .value{font-size:22px}}
svg text{font-family:inherit}
.tick{fill:var(--faint);font-size:12px;font-variant-numeric:tabular-nums}
.label{fill:var(--soft);font-size:12.5px}
.grid{stroke:var(--grid)}.grid.zero,.axis,.mark{stroke:var(--rule)}.axis{stroke:var(--faint);stroke-opacity:.6}
.line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
.marker{stroke:var(--ink);stroke-opacity:.65;stroke-dasharray:4 4;stroke-width:1.3;pointer-events:none}
.marker-label{fill:var(--ink);font-size:12px;paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round;pointer-events:none}
.stacked .bar{rx:0;stroke:var(--card);stroke-width:1.2}
.hover rect{fill:transparent}.hover .cross{stroke:var(--faint);stroke-dasharray:3 3;opacity:0}.hover circle{opacity:0;stroke:var(--card);stroke-width:2}
.hover.on .cross,.hover:hover .cross,.hover.on circle,.hover:hover circle{opacity:1}
.kind-barChart .hover:hover rect,.kind-histogram .hover:hover rect,.kind-barChart .hover.on rect,.kind-histogram .hover.on rect{fill:var(--ink);fill-opacity:.055}
${classes}${dashes}
details{margin-top:8px;font-size:13.5px;color:var(--soft)}summary{cursor:pointer;width:max-content;border-radius:6px}summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--series-0);outline-offset:3px}
details .scroll{max-height:360px;overflow:auto;margin-top:8px}details table{width:auto;min-width:50%}
.remark,.empty{color:var(--faint);font-size:13px;margin:8px 0 0}.empty{padding:24px 0;text-align:center;max-width:none}
.examples{list-style:none;margin:0;padding:0;display:grid;gap:12px}
.examples li{border:1px solid var(--rule);border-left:4px solid var(--faint);border-radius:10px;padding:12px 16px}
.examples li.good{border-left-color:var(--good)}.examples li.bad{border-left-color:var(--bad)}
.examples h3{margin:0 0 6px;font-size:14px;font-weight:620}
.examples dl{margin:0;display:grid;gap:6px}
.examples dl div{display:grid;grid-template-columns:110px 1fr;gap:12px}
.examples dt{color:var(--faint);font-size:13px}
.examples dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
@media (max-width:640px){.examples dl div{grid-template-columns:1fr;gap:0}}
#tip{position:fixed;z-index:9;max-width:300px;pointer-events:none;background:var(--ink);color:var(--page);border-radius:8px;padding:7px 11px;font-size:12.5px;line-height:1.45;font-variant-numeric:tabular-nums;box-shadow:0 4px 18px rgba(0,0,0,.22);overflow-wrap:anywhere}
@media print{body{background:#fff}section,.figure{box-shadow:none;break-inside:avoid}details{display:none}}
`
