/** The one stylesheet of all pages. Without outside fonts, pictures or scripts, so that a page can be kept as a file. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d5dae0;--panel:#f5f7f9;--link:#0550ae;--open:#a3290f;--ended:#0a6246;--failing:#b3380a;--failed:#8a5a00;--pulled:#00674b;--works:#0b5c93}
@media (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e8ecf0;--soft:#a4aeb9;--rule:#363e47;--panel:#1d232a;--link:#82b8ff;--open:#ff9c80;--ended:#5fd3a8;--failing:#f07a4a;--failed:#e6b04d;--pulled:#4cc79c;--works:#6cb8ee}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:62rem;margin:0 auto;padding:2.2rem 1.5rem 3rem}
a{color:var(--link)}
a:focus-visible,button:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
header{border-bottom:1px solid var(--rule);padding-bottom:1.1rem}
.brand{margin:0 0 .4rem;color:var(--soft);font-size:.875rem}
h1{margin:0 0 .7rem;font-size:1.75rem;line-height:1.25;font-weight:650}
h2{margin:2.4rem 0 .8rem;font-size:1.2rem;line-height:1.3;font-weight:650}
h3{margin:1.2rem 0 .3rem;font-size:1rem;font-weight:650}
p{margin:.6rem 0;max-width:46rem}
.status{display:flex;flex-wrap:wrap;gap:.3rem .8rem;align-items:baseline;margin:0}
.mark{border:1.5px solid currentColor;border-radius:1rem;padding:0 .65rem;font-weight:650;font-size:.875rem}
.mark.open{color:var(--open)}.mark.ended{color:var(--ended)}
.actions{margin:.9rem 0 0;font-size:.9375rem}
code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{background:var(--panel);border-radius:3px;padding:.1em .3em}
pre{margin:.3rem 0 1rem;padding:.7rem .9rem;background:var(--panel);border:1px solid var(--rule);border-radius:6px;white-space:pre-wrap}
ul{margin:.3rem 0 .8rem;padding-left:1.3rem;max-width:46rem}
li{margin:.25rem 0}
dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.35rem 1.4rem;margin:.5rem 0}
dt{color:var(--soft)}
dd{margin:0}
.label{margin:.9rem 0 .2rem;color:var(--soft);font-size:.9375rem}
.wide{overflow-x:auto;margin:.6rem 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--rule)}
th{color:var(--soft);font-weight:600}
.timeline{list-style:none;margin:.5rem 0;padding:0;max-width:none}
.timeline>li{display:grid;grid-template-columns:13.5rem 5.5rem 1fr;gap:0 1rem;margin:0;padding:.45rem 0;border-bottom:1px solid var(--rule)}
.timeline time{color:var(--soft);font-variant-numeric:tabular-nums}
.what{font-size:.875rem;color:var(--soft)}
.change .what,.decision .what{color:var(--works);font-weight:600}
.failing .what{color:var(--failing);font-weight:600}.ended .what{color:var(--ended);font-weight:600}
blockquote{margin:.3rem 0 0;padding-left:.8rem;border-left:3px solid var(--rule);white-space:pre-wrap}
svg.scope{display:block;height:auto}
.scope text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink)}
.scope text.amount{font-size:10px;font-weight:700}
.scope .image text.row{font-style:italic}
.scope .rule{stroke:var(--rule)}
.scope .failing{fill:var(--failing)}.scope .cross{stroke:var(--paper);stroke-width:2.2;fill:none}
.scope .failed{fill:none;stroke:var(--failed);stroke-width:2}.scope .stroke{stroke:var(--failed);stroke-width:2}
.scope .pulled{fill:none;stroke:var(--pulled);stroke-width:2}.scope .tick{fill:none;stroke:var(--pulled);stroke-width:2}
.scope .works{fill:none;stroke:var(--works);stroke-width:2}
footer{margin-top:2.6rem;padding-top:.9rem;border-top:1px solid var(--rule);color:var(--soft);font-size:.875rem}
button{font:inherit;font-weight:600;color:var(--paper);background:var(--link);border:0;border-radius:6px;padding:.6rem 1.3rem;cursor:pointer}
.notice{max-width:34rem;padding-top:4rem}
@media screen and (max-width:44rem){
main{padding:1.2rem 1rem 2rem}h1{font-size:1.4rem}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.55rem}
.timeline>li{grid-template-columns:1fr auto}.timeline .text{grid-column:1/-1}
table,tbody,tr,td{display:block}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{padding:.5rem 0;border-bottom:1px solid var(--rule)}td{border:0;padding:.1rem 0}td::before{content:attr(data-label)": ";color:var(--soft)}
.notice{padding-top:2rem}
}
@media print{
@page{margin:16mm 14mm}
:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#333;--rule:#999;--panel:#fff;--link:#000;--open:#000;--ended:#000;--failing:#000;--failed:#000;--pulled:#000;--works:#000}
body{font-size:10.5pt}main{max-width:none;padding:0}
.actions{display:none}
h1{font-size:17pt}h2{font-size:13pt;margin-top:1.4rem}
h2,h3,.label{break-after:avoid}
tr,.timeline>li,svg,dt,blockquote,.picture{break-inside:avoid}
dd{break-before:avoid}
.wide{overflow:visible}svg.scope{max-width:100%}
thead{display:table-header-group}
pre{border-color:#999}
a[href^=http]::after{content:" <" attr(href) ">";font-size:.9em}
}
`;
