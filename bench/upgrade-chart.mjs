import { sorted } from './upgrade-results.mjs';

const width = 860;
const left = 190;
const right = 90;
const bar = 9;
const group = 3 * bar + 13;
const labels = { sqlite: 'SQLite', postgresql: 'PostgreSQL', mysql: 'MySQL', mariadb: 'MariaDB' };
const parties = [
  { who: 'mlflow', title: 'mlflow db upgrade' },
  { who: 'mltrack', title: 'mltrack db upgrade' },
  { who: 'floor', title: 'hand-written SQL' },
];
/** Seconds: the axis is logarithmic, from the shortest no-op to the longest upgrade. */
const ends = [0.02, 600];
const marks = [0.1, 1, 10, 100];

const x = (seconds) => {
  const [low, high] = ends.map(Math.log);
  const at = (Math.log(Math.min(Math.max(seconds, ends[0]), ends[1])) - low) / (high - low);
  return left + at * (width - left - right);
};
const said = (seconds) => `${seconds < 10 ? seconds.toFixed(seconds < 1 ? 2 : 1) : seconds.toFixed(0)} s`;

function title({ kind, state, scale }) {
  const from = { noop: 'nothing to do', empty: 'empty → head' }[state] ?? `${state} → head`;
  return `${labels[kind]}, ${from}${scale && scale !== 10 ? ` × ${scale}` : ''}`;
}

function bars(one, top) {
  return parties
    .filter(({ who }) => one.ran[who])
    .map(({ who }, i) => {
      const { ms, killed } = one.ran[who];
      const [y, end] = [top + i * bar, x(ms / 1000)];
      return `<rect class="${who}" x="${left}" y="${y}" width="${(end - left).toFixed(1)}" height="${bar - 1}" rx="1"/>
<text class="value" x="${(end + 4).toFixed(1)}" y="${y + bar - 2}">${killed ? 'more than ' : ''}${said(ms / 1000)}</text>`;
    })
    .join('\n');
}

/**
 * The wall times as an SVG of its own, for the README: one group of bars a case. Cases with rows are shown at scale 10
 * where that was measured. It follows the reader's colour scheme, which an image in a page may.
 */
export function chart(results) {
  const all = sorted(results).filter(({ differences }) => differences.length === 0);
  const shown = all.filter(
    ({ kind, state, scale }) =>
      scale === 0 ||
      scale === 10 ||
      (scale === 1 &&
        !all.some((other) => other.kind === kind && other.state === state && other.scale === 10)),
  );
  const first = 62;
  const height = first + shown.length * group + 24;
  const legend = parties
    .map(
      ({ who, title: text }, i) =>
        `<rect class="${who}" x="${left + i * 190}" y="36" width="12" height="10" rx="1"/><text x="${left + i * 190 + 18}" y="45">${text}</text>`,
    )
    .join('\n');
  const grid = marks
    .map(
      (mark) =>
        `<line x1="${x(mark).toFixed(1)}" x2="${x(mark).toFixed(1)}" y1="${first - 6}" y2="${height - 20}"/><text class="axis" x="${x(mark).toFixed(1)}" y="${height - 7}">${mark} s</text>`,
    )
    .join('\n');
  const groups = shown
    .map((one, i) => {
      const top = first + i * group;
      return `<text class="name" x="${left - 8}" y="${top + bar * 2 - 1}">${title(one)}</text>\n${bars(one, top)}`;
    })
    .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t">
<title id="t">Seconds that a database upgrade takes: MLflow, mltrack and hand-written SQL, logarithmic scale</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.head { font-size: 14px; font-weight: 600 }
.name { text-anchor: end }
.axis { text-anchor: middle; font-size: 11px; fill: #59636e }
.value { font-size: 9px; fill: #59636e }
line { stroke: #d1d9e0 }
.mlflow { fill: #9a6700 }
.mltrack { fill: #0969da }
.floor { fill: #8c959f }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.axis, .value { fill: #9198a1 }
line { stroke: #3d444d }
.mlflow { fill: #d29922 }
.mltrack { fill: #4493f8 }
.floor { fill: #656c76 }
}
</style>
<text class="head" x="8" y="20">Upgrading MLflow's database: wall seconds, logarithmic</text>
${legend}
${grid}
${groups}
</svg>
`;
}
