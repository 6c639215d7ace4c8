// How a report's page looks: on a screen, dark or light, on a telephone, and on paper.
#pragma once

namespace loadfleet {

inline constexpr char kPageStyle[] = R"css(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #667080; --line: #d8dde4; --paper: #fff; --box: #f5f7f9;
  --good: #1a7f37; --bad: #c62828; --warn: #9a6700;
  --c0: #0b63ce; --c1: #1f9d8a; --c2: #c62828; --c3: #8a94a3; --c4: #d9822b; --c5: #8250df; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa4b2; --line: #333a44; --paper: #14171b; --box: #1d2127;
  --good: #4cc38a; --bad: #ff6b6b; --warn: #e0b341;
  --c0: #6aa8ff; --c1: #4fd1bd; --c2: #ff6b6b; --c3: #7d8896; --c4: #f0a35e; --c5: #b794f6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
.verdict { display: inline-block; padding: .1rem .6rem; border-radius: .3rem; color: #fff; font-weight: 700; letter-spacing: .04em; }
.passed { background: #1a7f37; } .failed { background: #c62828; } .invalid, .aborted, .unknown { background: #9a6700; }
.soft { color: var(--soft); }
.reasons { margin: .6rem 0; padding-left: 1.2rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem; margin: 1rem 0; padding: 0; }
.facts div { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .7rem; }
.facts dt { color: var(--soft); font-size: .8rem; }
.facts dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
figcaption { font-weight: 600; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 11px; fill: var(--soft); }
.grid { stroke: var(--line); stroke-width: 1; }
.mark { stroke: var(--warn); stroke-width: 1.5; stroke-dasharray: 2 3; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.line.dashed { stroke-dasharray: 5 4; }
.line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); }
.line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); } .line.c5 { stroke: var(--c5); }
.legend { margin: .2rem 0; color: var(--soft); font-size: .85rem; }
.key { display: inline-block; width: 1.1rem; border-top: 3px solid; margin: 0 .35rem .2rem .8rem; }
.key.dashed { border-top-style: dashed; }
.key.c0 { color: var(--c0); } .key.c1 { color: var(--c1); } .key.c2 { color: var(--c2); }
.key.c3 { color: var(--c3); } .key.c4 { color: var(--c4); } .key.c5 { color: var(--c5); }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
.text { text-align: left; overflow-wrap: anywhere; }
.bad { color: var(--bad); font-weight: 600; }
details { margin: .6rem 0; }
summary { cursor: pointer; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto;
  font: 12.5px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; }
  .verdict { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)css";

}  // namespace loadfleet
