import type { BenchRow } from './bench-row.ts';

/** What the table's columns are called. */
export const columns = ['WHAT', 'KRUSTLET', 'PEERS', 'RATIO', 'BUDGET'] as const;

/** A line of the table. A ratio above 1 means that krustlet is ahead of the peer. */
export function cellsOf(row: BenchRow): string[] {
  const peers = Object.entries(row.peers);
  return [
    row.what,
    `${round(row.krustlet)} ${row.unit}`,
    peers.map(([name, value]) => `${name} ${round(value)}`).join(', '),
    peers.map(([, value]) => ratio(row, value).toFixed(2)).join(', '),
    row.budget === undefined ? '' : `${round(row.budget)} ${row.unit}`,
  ];
}

function ratio(row: BenchRow, peer: number): number {
  const moreIsBetter = row.unit === 'MB/s' || row.unit === 'per s';
  return moreIsBetter ? row.krustlet / peer : peer / row.krustlet;
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
