/**
 * Draws what `npm start` shows, up to where it stops its pods, as docs/demo.svg:
 * `npm run build:examples && node scripts/draw-demo.ts`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const fontSize = 13;
const advance = 7.83;
const leading = 18;
const margin = 20;
/** Longer lines are cut: nobody reads digests in a picture. */
const columns = 100;

const shown = execFileSync(process.execPath, [path.join(root, 'scripts', 'demo.ts')], {
  cwd: root,
  encoding: 'utf8',
});
const [running = ''] = shown.trim().replaceAll(root, '~/krustlet').split('\n\nStopping them.');
writeFileSync(path.join(root, 'docs', 'demo.svg'), drawing(running.split('\n')));

function drawing(texts: readonly string[]): string {
  const width = Math.ceil(columns * advance) + 2 * margin;
  const height = texts.length * leading + 2 * margin;
  const rows = texts.map((text, row) => line(text, margin + (row + 0.75) * leading));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}"
  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}">
  <title>What npm start shows</title>
  <style>text { fill: #d5dbe3 } .typed { fill: #7ee2a8; font-weight: 600 } .said { fill: #8fa1b5 }</style>
  <rect width="100%" height="100%" rx="8" fill="#161b22"/>
${rows.join('')}</svg>
`;
}

function line(text: string, y: number): string {
  if (text === '') return '';
  const fitting = text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
  return `  <text x="${margin}" y="${y}"${kindOf(text)}>${escaped(fitting)}</text>\n`;
}

/** What is typed, what the demo says in between, and, plainly, what the commands print. */
function kindOf(text: string): string {
  if (text.startsWith('$ ')) return ' class="typed"';
  return /^[A-Z][^\d]*[.:]( |$)/.test(text) && !text.startsWith('I am') ? ' class="said"' : '';
}

function escaped(text: string): string {
  const marked = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return marked.replaceAll(' ', '\u00a0');
}
