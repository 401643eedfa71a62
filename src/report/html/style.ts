/**
 * The page's style. Colours: the palette of Okabe and Ito (distinguishable with every common colour blindness), darker or
 * lighter by theme; the heat steps run from pale to dark (dark to pale in the dark theme), so grey print keeps the order.
 */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#16202c;--muted:#566372;--rule:#c3cbd5;--shade:#16202c0f;
--good:#006b4f;--good-bg:#e2f4ee;--warn:#8a5300;--warn-bg:#fdf0d8;--bad:#a8321a;--bad-bg:#fde7e2;
--c-accepted:#0072b2;--c-sky:#56b4e9;--c-warm:#e08a00;--c-bad:#c8401f;--c-purple:#8c5bb5;--c-pink:#cc79a7;--c-grey:#7d8794;
--heat-0:#eef3f7;--heat-1:#d3e4ee;--heat-2:#9fcbe0;--heat-3:#56a5ca;--heat-4:#f2b24a;--heat-5:#e0702a;--heat-6:#a3200d;--heat-mark:#16202c}
@media (prefers-color-scheme:dark){:root{--bg:#10151b;--card:#19212a;--ink:#e6ebf0;--muted:#9fadbb;--rule:#3d4a57;--shade:#ffffff0d;
--good:#63d4b0;--good-bg:#12332a;--warn:#f3bd5e;--warn-bg:#3a2b10;--bad:#ff9078;--bad-bg:#421c14;
--c-accepted:#4ea8de;--c-sky:#9ad5f5;--c-warm:#f0a63a;--c-bad:#f2704f;--c-purple:#b593dc;--c-pink:#e39cc4;--c-grey:#8f9aa6;
--heat-0:#1d2833;--heat-1:#1f3a4d;--heat-2:#22587a;--heat-3:#3584b0;--heat-4:#b57f22;--heat-5:#e5853a;--heat-6:#ff9c83;--heat-mark:#fff}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--muted:#444;--rule:#aaa;--shade:#0000000f;
--good:#006b4f;--good-bg:#fff;--warn:#8a5300;--warn-bg:#fff;--bad:#a8321a;--bad-bg:#fff;
--c-accepted:#0072b2;--c-sky:#56b4e9;--c-warm:#e08a00;--c-bad:#c8401f;--c-purple:#8c5bb5;--c-pink:#cc79a7;--c-grey:#7d8794;
--heat-0:#eef3f7;--heat-1:#d3e4ee;--heat-2:#9fcbe0;--heat-3:#56a5ca;--heat-4:#f2b24a;--heat-5:#e0702a;--heat-6:#a3200d;--heat-mark:#000}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,header,nav>ul,footer{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{margin:0;font-size:1.75rem;line-height:1.2;overflow-wrap:anywhere}
h2{margin:44px 0 4px;font-size:1.25rem}
h3{margin:0 0 2px;font-size:1rem;overflow-wrap:anywhere}
p{margin:0 0 10px;max-width:75ch}
.sub,.note,figcaption{color:var(--muted);font-size:.9rem}
.sub{max-width:none}.sub span{display:inline-block;overflow-wrap:anywhere}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px;z-index:9}
:focus-visible{outline:3px solid var(--c-accepted);outline-offset:2px}
.verdict{margin:18px 0 0;padding:14px 18px;border-left:6px solid;border-radius:6px}
.verdict b{font-size:1.1rem}.verdict ul{margin:8px 0 0;padding-left:20px}
.good{color:var(--good);background:var(--good-bg);border-color:var(--good)}
.warn{color:var(--warn);background:var(--warn-bg);border-color:var(--warn)}
.bad{color:var(--bad);background:var(--bad-bg);border-color:var(--bad)}
.verdict li,.verdict .plain{color:var(--ink)}
.thresholds{list-style:none;display:flex;flex-wrap:wrap;gap:8px;margin:12px 0 0;padding:0}
.thresholds li{padding:4px 12px;border-radius:6px;font-size:.9rem;border:1px solid;overflow-wrap:anywhere}
.thresholds code{font-size:.9em}
nav{margin-top:18px;position:sticky;top:0;background:var(--bg);border-bottom:1px solid var(--rule);z-index:5}
nav>ul{list-style:none;display:flex;gap:4px 18px;overflow-x:auto;padding-top:8px;padding-bottom:8px;font-size:.9rem;white-space:nowrap}
section{scroll-margin-top:48px}
a{color:var(--c-accepted)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:14px 0 0;padding:0}
.cards>div{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px 14px}
.cards dt{font-size:.85rem;color:var(--muted)}
.cards dd{margin:0;font-size:1.5rem;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.cards dd small{display:block;font-size:.82rem;font-weight:400;color:var(--muted);line-height:1.35}
figure{margin:14px 0 0;background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:14px 16px}
.certainty{margin:12px 0 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:2px 22px;color:var(--muted);font-size:.9rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(430px,100%),1fr));gap:0 14px}
.chart{min-height:60px;margin-top:8px}
.chart svg{display:block;max-width:100%;height:auto;color:var(--ink)}
.chart svg [aria-label="tip"] text{fill:var(--ink)}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:.85rem;margin-bottom:4px}
.legend .unit{color:var(--muted);margin-right:6px}.legend span{display:inline-flex;align-items:center;gap:6px}
.heat-key i{display:inline-block;width:22px;height:12px;border:1px solid var(--rule)}
details{margin-top:8px}
summary{cursor:pointer;font-size:.9rem;color:var(--muted);width:fit-content;padding:2px 0}
.scroll{overflow-x:auto;max-height:420px;overflow-y:auto;margin-top:6px}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;width:100%}
caption{text-align:left;color:var(--muted);padding:2px 0}
th,td{padding:4px 10px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
thead th{position:sticky;top:0;background:var(--card);color:var(--muted);font-weight:600}
th:first-child,td:first-child,td.text,th.text,td.name,th.name{text-align:left}
td.text{white-space:normal;min-width:14ch}
tbody th{font-weight:500}
tr.total th,tr.total td{font-weight:700}
tr.part th{padding-left:26px}
pre{overflow:auto;max-height:480px;font-size:.82rem;line-height:1.45;margin:8px 0 0;padding:12px;background:var(--bg);border:1px solid var(--rule);border-radius:6px}
dl.glossary{display:grid;grid-template-columns:minmax(140px,max-content) 1fr;gap:6px 18px;font-size:.92rem;margin:10px 0 0}
dl.glossary dt{font-weight:600}dl.glossary dd{margin:0;max-width:80ch}
footer{margin:40px auto 60px;color:var(--muted);font-size:.85rem}
.button{display:inline-block;margin:8px 10px 0 0;padding:7px 14px;border:1px solid var(--c-accepted);border-radius:6px;text-decoration:none;font-size:.9rem}
@media (max-width:560px){body{font-size:15px}main,header,nav>ul,footer{padding-left:12px;padding-right:12px}
figure{padding:12px 10px}.cards{grid-template-columns:1fr 1fr;gap:8px}.cards>div{padding:10px}.cards dd{font-size:1.2rem}
dl.glossary{grid-template-columns:1fr}dl.glossary dd{margin-bottom:8px}}
@media print{body{font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}nav,.skip,.downloads,figure details:not([open]){display:none}
figure,.cards>div,.verdict{break-inside:avoid}figure:not(:has(.chart)){break-inside:auto}h3{break-after:avoid}h2{break-after:avoid}.fold:not(:has(details[open])){display:none}.pair{grid-template-columns:repeat(2,minmax(0,1fr))}h2{margin-top:22px}th,td{padding:2px 5px;white-space:normal}td.text{min-width:0}table{font-size:7.5pt}tr{break-inside:avoid}footer{margin-bottom:0}.scroll,pre{max-height:none;overflow:visible}thead th{position:static}
pre{white-space:pre-wrap}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;
