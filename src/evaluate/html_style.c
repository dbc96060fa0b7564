/* The style sheet: paper (A4) and screens from 360 px. No colour carries a meaning alone; contrasts of text on white
   are at least 6.8 (reporting D.3). */
#include "html.h"

// clang-format off
const char rs_evaluation_style[] =
"*{box-sizing:border-box}"
"body{margin:0;background:#fff;color:#1a1a1a;font:15px/1.4 'DejaVu Sans',Verdana,Arial,sans-serif}"
"main{max-width:60rem;margin:0 auto;padding:12px}"
"h1{font-size:1.35rem;margin:.4em 0 .2em}h2{font-size:1.1rem;margin:1.3em 0 .3em;border-bottom:1px solid #767676}"
"p{margin:.35em 0}ul{margin:.3em 0;padding-left:1.3em}li,p{overflow-wrap:anywhere}"
".minor{color:#555;font-size:.85rem}.lead{font-weight:bold}"
"dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:2px 18px;margin:.4em 0}"
"dl div{display:flex;justify-content:space-between;gap:8px;border-bottom:1px dotted #767676}dt{color:#555}dd{margin:0;font-weight:bold;text-align:right}"
"table{border-collapse:collapse;width:100%;font-size:.82rem;font-variant-numeric:tabular-nums;margin:.3em 0 .8em}"
"th,td{border:1px solid #bbb;padding:2px 5px;text-align:right;vertical-align:baseline}"
"th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #1a1a1a;text-align:right;vertical-align:bottom}"
"tbody th{font-weight:normal}caption{text-align:left;font-weight:bold;padding:.3em 0 .15em}"
".by th{background:#f3f3f3;font-weight:bold;text-align:left}"
"td small,th small{display:block;color:#555;font-size:.85em}.uid{white-space:nowrap;font-size:.9em}"
"figure{margin:.3em 0}figcaption{font-size:.82rem;color:#333}"
".plot{display:block;width:100%;max-width:44rem;height:auto}.plot.square{max-width:26rem}"
".plot text{font-size:9.5px;fill:#1a1a1a}.plot .x{text-anchor:middle}.plot .y{text-anchor:end}"
".frame{fill:none;stroke:#1a1a1a;stroke-width:1}.grid{stroke:#bbb;stroke-width:.6}.even{stroke:#555;stroke-width:.8;stroke-dasharray:3 2}"
".plot path{fill:none;stroke-width:1.7;stroke-linejoin:round}.plot path.band{fill:#0b4f8a;fill-opacity:.16;stroke:none}"
".c0{stroke:#0b4f8a}.c1{stroke:#8a4b00;stroke-dasharray:6 3}.c2{stroke:#7a1f4f;stroke-dasharray:1.5 2.5}.c3{stroke:#4d4d4d;stroke-dasharray:8 2 1.5 2}"
".plot line.c0,.plot line.c1,.plot line.c2,.plot line.c3{stroke-width:1.7}"
".dot{fill:#0b4f8a}.whisker{stroke:#0b4f8a;stroke-width:1.2}"
".on{display:none;color:#4d4d4d;font-size:.85em}"
"details{margin:.5em 0}summary{cursor:pointer}"
"@media screen and (max-width:700px){body{font-size:14px}main{padding:8px}table{font-size:.72rem}th,td{padding:2px 3px}"
".uid{font-size:.8em}.tight td:nth-child(n+4) small{display:none}.wide{overflow-x:auto}.wide+.on{display:block}}"
"@page{size:A4;margin:12mm}"
"@media print{body{font-size:9pt}main{max-width:none;padding:0}h1{font-size:13pt}h2{font-size:10.5pt}"
"table{font-size:7.4pt}tr,figure,.keep{break-inside:avoid}h2,caption{break-after:avoid}thead{display:table-header-group}"
".plot{max-width:150mm}.plot.square{max-width:85mm}.minor,figcaption{font-size:7.5pt}}";
// clang-format on
