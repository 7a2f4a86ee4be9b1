/** Colours follow the system; no script, no font and no picture is loaded. */
export const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1c1e26,#e3e5ec);--soft:light-dark(#5d6272,#9aa0b2);--paper:light-dark(#fff,#111319);
--panel:light-dark(#f6f7f9,#181b23);--line:light-dark(#e3e5ea,#2a2e3a);--accent:light-dark(#3b45c4,#9aa4ff);
--get:light-dark(#0b6e4f,#5fd0a4);--post:light-dark(#3b45c4,#9aa4ff);--patch:light-dark(#8a5a00,#e8b75a);--delete:light-dark(#b3261e,#ff8f87);
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
*{box-sizing:border-box}
html{scroll-padding-top:1.5rem;font:16px/1.6 system-ui,-apple-system,'Segoe UI',sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);background:var(--paper);display:grid;grid-template-columns:17.5rem minmax(0,1fr)}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
code,pre{font-family:var(--mono);font-size:.84em}
:not(pre)>code{background:var(--panel);border-radius:4px;padding:.12em .35em;overflow-wrap:anywhere}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem 1rem;z-index:1}
nav{position:sticky;top:0;height:100vh;overflow-y:auto;padding:1.75rem 1.25rem;border-right:1px solid var(--line);font-size:.86rem;line-height:1.4}
nav strong{display:block;font-size:1.05rem}nav small{display:block;color:var(--soft)}.lead ul{padding-left:1.2rem}td:nth-child(2) code{white-space:nowrap}
nav ul{list-style:none;margin:.25rem 0 0;padding:0}nav .chapter{display:block;margin-top:1.4rem;font-weight:600;color:var(--ink);text-transform:capitalize}
nav li a{display:flex;gap:.5rem;padding:.22rem 0;color:var(--soft)}nav li a:hover{color:var(--ink)}
.method{font:600 .68rem/1.9 var(--mono);flex:none;width:3.1rem}
.GET{color:var(--get)}.POST{color:var(--post)}.PATCH,.PUT{color:var(--patch)}.DELETE{color:var(--delete)}
main{padding:3rem clamp(1.25rem,4vw,4rem) 6rem;max-width:86rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .5rem;letter-spacing:-.02em}
h2{font-size:1.5rem;margin:5rem 0 0;letter-spacing:-.015em;text-transform:capitalize}h2+p{color:var(--soft);margin:.3rem 0 0}
h3{font-size:1.12rem;margin:0}h3 a{color:inherit}h4{font-size:.74rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:1.6rem 0 .2rem}h4 code{text-transform:none;letter-spacing:0}h4+p{margin:.2rem 0 .6rem;font-size:.9rem}
.lead{color:var(--soft);max-width:44rem}.lead li{margin:.35rem 0}
article{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 3rem;padding:2.5rem 0;border-bottom:1px solid var(--line)}
.path{font-family:var(--mono);font-size:.86rem;overflow-wrap:anywhere;margin:.35rem 0 .75rem}.path b{margin-right:.4rem}
.caller{color:var(--soft);font-size:.86rem}
.fields{margin:0}.fields>div{padding:.65rem 0;border-top:1px solid var(--line)}.fields dd{margin:.15rem 0 0;font-size:.9rem;color:var(--soft)}
.type{font:.78rem var(--mono);color:var(--soft);overflow-wrap:anywhere}.required{font-size:.74rem;font-weight:600;color:var(--patch)}
details{margin-top:.4rem}summary{cursor:pointer;color:var(--accent);font-size:.86rem}details .fields{padding-left:1rem;border-left:2px solid var(--line)}
.or{margin:.5rem 0;font-size:.8rem;color:var(--soft)}
.codes{display:flex;flex-wrap:wrap;gap:.3rem .4rem;padding:0;margin:.4rem 0;list-style:none}
figure{margin:0 0 1rem;border:1px solid var(--line);border-radius:10px;overflow:hidden;background:var(--panel)}
figcaption{padding:.45rem .9rem;font-size:.76rem;color:var(--soft);border-bottom:1px solid var(--line)}
pre{margin:0;padding:.8rem .9rem;overflow:auto;max-height:26rem;line-height:1.55;font-size:.8rem;color:var(--ink)}pre code{font-size:inherit}
.samples{position:sticky;top:1.5rem;align-self:start}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.88rem;margin-top:1rem;width:100%}td,th{text-align:left;vertical-align:top;padding:.55rem 1rem .55rem 0;border-top:1px solid var(--line)}th{color:var(--soft);font-weight:600}
@media(max-width:75rem){article{grid-template-columns:minmax(0,1fr)}.samples{position:static;margin-top:1.5rem}}
@media(max-width:52rem){body{display:block}nav{position:static;height:auto;border:0;border-bottom:1px solid var(--line);padding:1.25rem}nav ul{display:none}
nav .chapter{display:inline-block;margin:.8rem 1rem 0 0}main{padding-top:2rem}h2{margin-top:3.5rem}}
@media print{nav{display:none}body{display:block}pre{max-height:none}}
`;
