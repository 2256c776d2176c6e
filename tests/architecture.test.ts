import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

const root = path.resolve(import.meta.dirname, '..');

/** Which domain may import which. A domain may always import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  kubernetes: [],
  krator: ['kubernetes'],
  oci: [],
  wasi: [],
  runtime: ['wasi'],
  grpc: [],
  kubelet: ['grpc', 'krator', 'kubernetes', 'oci'],
  'wasi-provider': ['kubelet', 'runtime'],
  krustlet: ['kubernetes', 'krator', 'oci', 'wasi', 'runtime', 'kubelet', 'wasi-provider'],
};

/** Files that are long for a reason, such as a table that follows a specification. */
const exemptFromBudget: Readonly<Record<string, string>> = {};

const sources = globSync('src/**/*.ts', { cwd: root }).sort();
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;

function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function domainOf(file: string): string | undefined {
  const [top, domain, ...rest] = file.split(path.sep);
  return top === 'src' && domain !== undefined && rest.length > 0 ? domain : undefined;
}

describe('architecture', () => {
  it('finds the sources', () => {
    assert.ok(sources.length > 0);
  });

  it('imports go one way between domains', () => {
    const wrong: string[] = [];
    for (const file of sources) {
      const from = domainOf(file);
      if (from === undefined) continue;
      const allowed = mayImport[from];
      assert.ok(allowed, `${file}: domain '${from}' is not in the table`);
      for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
        const target = path.normalize(path.join(path.dirname(file), specifier));
        if (file.endsWith('.test.ts') && target.startsWith(`tests${path.sep}`)) continue;
        const to = domainOf(target);
        if (to !== from && (to === undefined || !allowed.includes(to))) {
          wrong.push(`${file} imports ${target}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('only wasi/libc imports node:ffi', () => {
    const importers = sources.filter((file) => importsOf(file).includes('node:ffi'));
    assert.deepEqual(
      importers.filter((file) => !file.startsWith(path.join('src', 'wasi', 'libc'))),
      [],
    );
  });

  it('only krustlet, and scripts that are processes of their own, read argv and env', () => {
    const readers = sources.filter(
      (file) =>
        domainOf(file) !== 'krustlet' &&
        !/(\.test|-main)\.ts$/.test(file) &&
        /process\.(argv|env)\b/.test(readFileSync(path.join(root, file), 'utf8')),
    );
    assert.deepEqual(readers, []);
  });

  it('relative imports end in .ts', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('.') && !name.endsWith('.ts'))
        .map((name) => `${file} imports '${name}'`),
    );
    assert.deepEqual(wrong, []);
  });

  it('keeps files small: half of them up to 100 lines, 90 % up to 250, none above 400', () => {
    const sizes = sources
      .filter((file) => !file.endsWith('.test.ts') && !(file in exemptFromBudget))
      .map((file) => ({
        file,
        lines: readFileSync(path.join(root, file), 'utf8').split('\n').length,
      }))
      .sort((a, b) => a.lines - b.lines);
    const linesAt = (share: number) => sizes[Math.floor(share * (sizes.length - 1))]?.lines ?? 0;
    assert.ok(linesAt(0.5) <= 100, `half of the files have more than ${linesAt(0.5)} lines`);
    assert.ok(linesAt(0.9) <= 250, `a tenth of the files has more than ${linesAt(0.9)} lines`);
    assert.deepEqual(
      sizes.filter(({ lines }) => lines > 400),
      [],
    );
  });
});
