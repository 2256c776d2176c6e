import { printable } from './printable.ts';

/**
 * Lays rows out in columns as wide as their widest cell, two spaces apart, with a heading; no
 * line has spaces at its end.
 */
export function formatTable(headings: readonly string[], rows: readonly string[][]): string {
  const lines = [headings, ...rows.map((row) => row.map(inOneLine))];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function inOneLine(cell: string): string {
  return printable(cell).replace(/[\n\t]/g, ' ');
}
