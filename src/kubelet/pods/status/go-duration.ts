/**
 * Milliseconds as Go prints a duration, which Kubernetes' messages hold: `350ms`, `1.5s`, `10s`,
 * `1m20s`, `5m0s`, `1h0m0s`.
 */
export function goDuration(milliseconds: number): string {
  const rounded = Math.round(milliseconds);
  if (rounded === 0) return '0s';
  if (rounded < 1000) return `${rounded}ms`;
  const hours = Math.floor(rounded / 3_600_000);
  const minutes = Math.floor(rounded / 60_000) % 60;
  const seconds = `${(rounded % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
