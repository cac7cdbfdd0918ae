import { createHash } from 'node:crypto';

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#3d4f8f"/>
<path d="M16 6c-4.4 0-7 3.2-7 7.4 0 4.6-1.4 6.2-2.6 7.6h19.2c-1.2-1.4-2.6-3-2.6-7.6C23 9.2 20.4 6 16 6z" fill="#fff"/>
<circle cx="16" cy="24" r="2.6" fill="#fff"/>
</svg>
`;

/** One sheet for all pages: light and dark, narrow and wide, no font or picture from elsewhere. */
export const stylesheet = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f6f4, #16181d);
  --card: light-dark(#ffffff, #1f2229);
  --ink: light-dark(#1d1f24, #e6e7ea);
  --quiet: light-dark(#5c6068, #a3a8b3);
  --line: light-dark(#dfe0de, #343842);
  --edge: light-dark(#8b9099, #7d838f);
  --accent: light-dark(#3d4f8f, #a9b8f5);
  --on-accent: light-dark(#ffffff, #16181d);
  --link: light-dark(#1a5fb4, #7db3ff);
  --good: light-dark(#1e6b3a, #7fd39b);
  --good-ground: light-dark(#e9f5ed, #1d3226);
  --bad: light-dark(#a11d1d, #ff9d94);
  --bad-ground: light-dark(#fdeeee, #3a2222);
  --warm: light-dark(#7a4b00, #ffd27a);
  --code: light-dark(#f1f1ee, #2a2e37);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: 16px / 1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
main:focus, h2:focus { outline: none; }
h1 { margin: 0.2rem 0 0.6rem; font-size: 1.6rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 0 0 0.6rem; font-size: 1.15rem; }
h2 .quiet { margin-left: 0.3rem; font-size: 0.9rem; font-weight: normal; }
.quiet, .ago { color: var(--quiet); }
.capital { text-transform: capitalize; }
code, pre { background: var(--code); font-family: var(--mono); font-size: 0.875em; }
code { padding: 0.1em 0.3em; border-radius: 4px; }
pre {
  overflow: auto;
  max-height: 24rem;
  margin: 0.5rem 0;
  padding: 0.6rem 0.8rem;
  border: 1px solid var(--line);
  border-radius: 6px;
  white-space: pre-wrap;
}
pre code { padding: 0; }
.unseen { position: absolute; overflow: hidden; width: 1px; height: 1px; clip-path: inset(50%); }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.5rem; z-index: 1; padding: 0.3rem 0.6rem; background: var(--card); }

.top, main { max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
.top { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: space-between; padding-top: 1rem; }
.brand { display: flex; gap: 0.6rem; align-items: center; color: inherit; font-weight: 600; text-decoration: none; }
.brand:hover { text-decoration: underline; }
.account { display: flex; flex-wrap: wrap; gap: 0.3rem 0.8rem; align-items: center; margin: 0; }
main { padding-top: 1.4rem; padding-bottom: 3rem; }
section { margin: 1.8rem 0 0; }
.as-of { margin: 2rem 0 0; color: var(--quiet); font-size: 0.9rem; }

.banner { margin: 0 0 1.2rem; padding: 0.6rem 0.9rem; border: 1px solid; border-left-width: 5px; border-radius: 6px; }
.banner.done { border-color: var(--good); background: var(--good-ground); }
.banner.refusal { border-color: var(--bad); background: var(--bad-ground); }
.back { margin: 0 0 0.8rem; }
.headline { display: flex; flex-wrap: wrap; gap: 0.3rem 1rem; align-items: center; font-size: 1.05rem; }

.status, .severity { display: inline-flex; gap: 0.4em; align-items: center; white-space: nowrap; }
.status { font-weight: 600; }
.status svg, .severity svg { flex: none; width: 1.05em; height: 1.05em; fill: currentColor; }
.status .line, .severity .line { fill: none; stroke: currentColor; }
.status .line { stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.severity .line { stroke-width: 0.8; }
.status .cut { fill: none; stroke: var(--card); stroke-width: 1.7; stroke-linecap: round; }
.status.firing { color: var(--bad); }
.status.acknowledged { color: var(--link); }
.status.silenced { color: var(--quiet); }
.status.resolved { color: var(--good); }
.severity.critical, .severity.error { color: var(--bad); }
.severity.warning { color: var(--warm); }
.severity.info, .severity.unknown { color: var(--quiet); }

.labels { display: flex; flex-wrap: wrap; gap: 0.25rem 0.4rem; margin: 0.25rem 0; padding: 0; list-style: none; font-size: 0.85rem; font-weight: normal; }
.labels li { padding: 0 0.45rem; border: 1px solid var(--line); border-radius: 4px; background: var(--card); }
.equals { margin: 0 0.1em; color: var(--quiet); }

.facts { margin: 0.8rem 0 0; }
.facts div { display: flex; flex-wrap: wrap; gap: 0 0.8rem; padding: 0.2rem 0; }
.facts dt { flex: 0 0 7.5rem; color: var(--quiet); }
.facts dd { flex: 1 1 14rem; margin: 0; }

.actions { padding: 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
.field { margin: 0 0 0.8rem; }
.field label { display: block; font-weight: 600; }
.field label .quiet { font-weight: normal; }
.field p { margin: 0.3rem 0 0; }
input:not([type="hidden"]) {
  width: 100%;
  margin-top: 0.3rem;
  padding: 0.5rem 0.6rem;
  border: 1px solid var(--edge);
  border-radius: 6px;
  background: var(--ground);
  color: inherit;
  font: inherit;
}
.buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0 0 0.6rem; }
button { min-height: 2.4rem; padding: 0.3rem 0.9rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--card); color: inherit; font: inherit; cursor: pointer; }
a.button { display: inline-block; padding: 0.4rem 0.9rem; border: 1px solid var(--accent); border-radius: 6px; background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none; }
button:hover { border-color: var(--ink); }
button.first { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; }
.account button { min-height: 2rem; padding: 0.1rem 0.7rem; }
.actions > form > p:last-child { margin: 0; font-size: 0.9rem; }
.sign-in { max-width: 28rem; }
.sign-in + .banner { margin-top: 1.4rem; }
.fault { color: var(--bad); font-weight: 600; }

.filters ul { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0 0 1rem; padding: 0; list-style: none; }
.filters a { display: block; padding: 0.25rem 0.8rem; border: 1px solid var(--line); border-radius: 99px; background: var(--card); color: inherit; text-decoration: none; }
.filters a:hover { border-color: var(--edge); }
.filters a[aria-current] { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; }
.pager { display: flex; gap: 1.2rem; margin-top: 0.8rem; }

table { width: 100%; border: 1px solid var(--line); border-radius: 8px; border-spacing: 0; background: var(--card); overflow: hidden; }
caption { position: absolute; overflow: hidden; width: 1px; height: 1px; clip-path: inset(50%); }
th, td { padding: 0.6rem 0.8rem; overflow-wrap: break-word; text-align: left; vertical-align: top; }
thead th { white-space: nowrap; border-bottom: 1px solid var(--line); color: var(--quiet); font-size: 0.85rem; font-weight: 600; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { overflow-wrap: anywhere; font-weight: 600; }
td[data-name="Status"] .status, td[data-name="Status"] .severity { display: flex; }
td[data-name="Since"], td[data-name="Alerts"], td[data-name="Source"] { white-space: nowrap; }
.delivery.good { color: var(--good); }
.delivery.bad { color: var(--bad); }
details { font-weight: normal; }
summary { width: fit-content; color: var(--quiet); font-size: 0.9rem; cursor: pointer; }

.timeline { margin: 0; padding: 0; list-style: none; }
.timeline > li { position: relative; padding: 0 0 1rem 1.4rem; border-left: 2px solid var(--line); margin-left: 0.4rem; }
.timeline > li:last-child { border-color: transparent; padding-bottom: 0; }
.timeline > li::before { content: ""; position: absolute; left: -0.42rem; top: 0.42rem; width: 0.7rem; height: 0.7rem; border: 2px solid var(--edge); border-radius: 50%; background: var(--ground); }
.timeline > li.firing::before { border-color: var(--bad); background: var(--bad); }
.timeline > li.resolved::before { border-color: var(--good); background: var(--good); }
.timeline p { margin: 0; }
.jump { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; margin: 1rem 0 0; }
.timeline blockquote { margin: 0.3rem 0; padding: 0.1rem 0.8rem; border-left: 3px solid var(--line); white-space: pre-line; }
.changed { margin: 0.1rem 0; padding: 0; list-style: none; font-size: 0.95rem; }
.timeline .quiet { font-size: 0.9rem; }

.empty { padding: 0.9rem 1rem; border: 1px dashed var(--edge); border-radius: 8px; }
p.empty { margin: 0; }
.empty p, .empty ul { margin: 0.5rem 0 0; }
.howto { margin-top: 1.6rem; }
.howto li + li { margin-top: 0.8rem; }
.howto li > p { margin: 0.2rem 0; }
.howto img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }

@media (max-width: 42rem) {
  thead { position: absolute; overflow: hidden; width: 1px; height: 1px; clip-path: inset(50%); }
  table, tbody, tr { display: block; }
  th, td { display: block; padding: 0.15rem 0.8rem; }
  td[data-name] { white-space: normal; }
  tbody tr { padding: 0.6rem 0; }
  tbody tr + tr { border-top: 1px solid var(--line); }
  tbody tr + tr > * { border-top: 0; }
  td[data-name="Status"] .status, td[data-name="Status"] .severity { display: inline-flex; margin-right: 0.8rem; }
  td:not([data-name="Status"])::before { content: attr(data-name) ": "; color: var(--quiet); }
}
@media print {
  .skip, .account, .actions, .filters, .pager, .back { display: none; }
}
`;

export const stylesheetPath = `/assets/${nameOf(stylesheet)}.css`;
export const iconPath = `/assets/${nameOf(icon)}.svg`;

function nameOf(content: string): string {
  return `tocsin-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`;
}
