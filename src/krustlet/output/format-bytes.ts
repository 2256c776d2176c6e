const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size for people, in steps of 1,000 with three digits: `1.21 MB`. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const digits = step === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[step] ?? ''}`;
}
