/** Colours are told apart by lightness and dashes as well as by hue, on light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1c2430; --soft: #5b6675; --rule: #dfe4ea;
  --uncontrolled: #8a94a3; --fcfs: #a16207; --rr: #c2410c; --edf: #7c3aed; --llf: #0369a1;
  --busbar: #15803d; --optimum: #111827; --energy: #0369a1; --power: #c2410c; --other: #8a94a3; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12171e; --ink: #e6eaf0; --soft: #9aa6b5; --rule: #2a333f;
    --uncontrolled: #7d8896; --fcfs: #d6a13c; --rr: #f08350; --edf: #b69bf8; --llf: #5ab4ea;
    --busbar: #4cc27a; --optimum: #f2f4f7; --energy: #5ab4ea; --power: #f08350; --other: #7d8896; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 860px; padding: 32px 20px 56px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 36px 0 8px; }
p { margin: 2px 0; }
.soft, figcaption { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 8px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
thead th { color: var(--soft); font-weight: 500; white-space: normal; vertical-align: bottom; }
tbody th { font-weight: 500; }
tr.busbar, td.busbar, th.busbar { font-weight: 700; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font-size: 13px; }
svg .tick { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--rule); stroke-width: 1; }
.line { fill: none; stroke: var(--tone); stroke-width: 1.6; }
.line.uncontrolled { stroke-dasharray: 2 3; }
.line.optimum { stroke-dasharray: 7 4; }
.line.busbar { stroke-width: 3; }
.bar { fill: var(--tone); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; padding: 0; list-style: none; }
.legend svg { display: inline-block; width: 26px; height: 10px; margin-right: 6px; vertical-align: middle; }
.legend rect { width: 14px; height: 10px; }
${['uncontrolled', 'fcfs', 'rr', 'edf', 'llf', 'busbar', 'optimum', 'energy', 'power', 'other']
  .map((tone) => `.${tone} { --tone: var(--${tone}); }`)
  .join('\n')}
`
