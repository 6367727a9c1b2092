/** The style sheet of a page: light and dark, from a phone to A4. Colours have a contrast of 4.5 and more. */
export const style = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b2128;--dim:#57606a;--line:#d5dae0;--soft:#f4f6f8;--link:#0b5cad;
--good:#176b34;--good-soft:#e4f4e8;--attention:#7a4d00;--attention-soft:#fff3d6;--bad:#a3191f;--bad-soft:#fde8e8;
--fill:#2f6fb5;--marked:#c2410c;--passed:#9aa4af;--ahead:#2f6fb5;--beyond:#e1e5e9}
@media (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e4e8ec;--dim:#a2acb7;--line:#363e48;--soft:#1e242b;--link:#7cb8f5;
--good:#7fd99a;--good-soft:#15301e;--attention:#f0c060;--attention-soft:#352a10;--bad:#ff9b98;--bad-soft:#3b1a1c;
--fill:#5b9be0;--marked:#f08a4b;--passed:#5d6772;--ahead:#5b9be0;--beyond:#2a323b}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1.5rem 1.25rem 4rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
.kind{margin:0;color:var(--dim);font-size:.9rem}
h1{font-size:1.35rem;line-height:1.3;margin:.4rem 0 1rem}
h2{font-size:1.1rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.4rem 0}
ul{margin:.4rem 0;padding-left:1.2rem}
.dim{color:var(--dim)}
.whole{white-space:nowrap}
.verdict{display:flex;gap:.7rem;padding:.8rem 1rem;border-radius:6px;border-left:6px solid}
.verdict>span{min-width:0}
.verdict .sign{flex:none}
.verdict.good{background:var(--good-soft);color:var(--good)}
.verdict.attention{background:var(--attention-soft);color:var(--attention)}
.verdict.bad{background:var(--bad-soft);color:var(--bad)}
.facts{margin:1rem 0;display:grid;gap:.15rem}
.facts>div{display:grid;grid-template-columns:9rem minmax(0,1fr);gap:.75rem}
dt{color:var(--dim)}
dd{margin:0}
code,pre,.name{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.88em}
.name,dd,li,code,td,th{overflow-wrap:anywhere}
pre{margin:.3rem 0;padding:.5rem .7rem;background:var(--soft);border-radius:4px;white-space:pre-wrap;tab-size:2}
pre code{font-size:.82rem}
.tiles{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(7.6rem,1fr));gap:.6rem;margin:1rem 0}
.tiles li{border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem}
.tiles strong{display:block;font-size:1.2rem;line-height:1.3}
.tiles span{color:var(--dim);font-size:.85rem}
.tiles .bad strong{color:var(--bad)}
.tiles .attention strong{color:var(--attention)}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.92rem}
caption{text-align:left;color:var(--dim);font-size:.85rem;padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line);font-weight:normal}
thead td{border-bottom-color:var(--dim)}
thead th{font-weight:600;overflow-wrap:normal;border-bottom-color:var(--dim)}
th:first-child,td:first-child{padding-left:0}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.chart th[scope=row]{width:30%}
.chart .bar{width:40%;vertical-align:middle}
.chart svg{display:block;width:100%;height:.8rem}
.track{fill:var(--soft)}
.fill{fill:var(--fill)}
.marked{fill:var(--marked)}
figure{margin:.8rem 0 .4rem}
.timeline{display:block;width:100%;height:auto}
figcaption{display:flex;justify-content:space-between;color:var(--dim);font-size:.85rem}
.passed{fill:var(--passed);background:var(--passed)}
.here,.mark{fill:var(--ink);background:var(--ink)}
.ahead{fill:var(--ahead);background:var(--ahead)}
.irreversible{fill:var(--marked);background:var(--marked)}
.beyond{fill:var(--beyond);background:var(--beyond)}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.85rem;color:var(--dim)}
.key{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.4rem;vertical-align:-.08rem}
article{border:1px solid var(--line);border-radius:6px;padding:.5rem .9rem;margin:.45rem 0}
article.error,article.bad{border-left:5px solid var(--bad)}
article.warning,article.attention{border-left:5px solid var(--attention)}
article h3{margin:0}
h3 .dim{font-weight:normal;font-size:.9em}
.badge{display:inline-block;padding:0 .45rem;border-radius:3px;font-size:.8rem;font-weight:600;background:var(--soft);color:var(--dim)}
.badge.bad,.badge.error{background:var(--bad-soft);color:var(--bad)}
.badge.attention,.badge.warning{background:var(--attention-soft);color:var(--attention)}
.badge.good{background:var(--good-soft);color:var(--good)}
details{margin:.4rem 0}
summary{cursor:pointer;color:var(--link)}
summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media (max-width:40rem){
body{padding:1rem .8rem 3rem}
.facts>div{grid-template-columns:1fr;gap:0;margin-bottom:.35rem}
table,tbody,tr,tbody th,tbody td,caption{display:block}
thead{display:none}
tr{border-bottom:1px solid var(--line);padding:.4rem 0}
tbody th,tbody td{border:0;padding:.05rem 0}
td.number{display:inline-block;text-align:left;margin-right:1.1rem}
td[data-label]::before{content:attr(data-label) ": ";color:var(--dim)}
.chart th[scope=row],.chart .bar{width:100%}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
}
@page{size:A4;margin:15mm 14mm}
@media print{
:root{color-scheme:light;--paper:#fff;--ink:#111;--dim:#4a5159;--line:#bbb;--soft:#f2f3f5;--link:#111;--good:#176b34;--good-soft:#fff;--attention:#7a4d00;--attention-soft:#fff;--bad:#a3191f;--bad-soft:#fff;--fill:#2f6fb5;--marked:#c2410c;--passed:#9aa4af;--ahead:#2f6fb5;--beyond:#e1e5e9}
body{padding:0;max-width:none;font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.verdict{border:1px solid;border-left-width:6px}
details::details-content{content-visibility:visible;display:block;height:auto;opacity:1}
h2,h3,summary,caption{break-after:avoid}
tr,.tiles li,.verdict,figure{break-inside:avoid}
thead{display:table-header-group}
}
`;
