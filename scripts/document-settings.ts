/** Writes the table of settings into docs/node.md: `node scripts/document-settings.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nodeSettings } from '../src/krustlet/node-config/node-settings.ts';
import type { Setting } from '../src/krustlet/node-config/setting.ts';

const begin = '<!-- settings: written by scripts/document-settings.ts -->\n';
const end = '<!-- end of settings -->';

const file = path.resolve(import.meta.dirname, '..', 'docs', 'node.md');

if (import.meta.main) writeFileSync(file, documented(readFileSync(file, 'utf8')));

/** The page with the table as the settings are now. */
export function documented(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`Cannot find the place of the table in '${file}'`);
  return `${page.slice(0, from)}${begin}${table()}${page.slice(to)}`;
}

function table(): string {
  const head = '| flag | variable | key of config.json | key of --config | what it is |';
  const rows = Object.values(nodeSettings).map(row);
  return [head, '|---|---|---|---|---|', ...rows, ''].join('\n');
}

function row({ flag, short, env, file: keys = [], kubelet, help }: Setting<unknown>): string {
  const flags = [short && `-${short}`, flag && `--${flag}`];
  const cells = [flags, [env], keys, [kubelet]].map(codes);
  return `| ${[...cells, help].join(' | ')} |`;
}

function codes(words: readonly (string | undefined)[]): string {
  return words.flatMap((word) => (word === undefined ? [] : [`\`${word}\``])).join(', ');
}
