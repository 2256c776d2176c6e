import { UserError } from '../cli/user-error.ts';

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads a duration in seconds: `30`, `30s`, `5m`, `1h30m`. */
export function parseSeconds(option: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^(\d+[smhd])+$/.test(text)) {
    throw new UserError(
      `reading ${option} '${text}' failed: give a duration such as 30s, 5m or 1h`,
    );
  }
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (seconds[unit ?? ''] ?? 0),
    0,
  );
}

/** Reads a moment: a time such as `2026-11-23T01:02:03Z`, or how long ago it was, such as `10m`. */
export function parseSince(text: string, now: Date): Date {
  if (!/^\d{4}-/.test(text)) return new Date(now.getTime() - parseSeconds('--since', text) * 1000);
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    throw new UserError(
      `reading --since '${text}' failed: give a time such as 2026-11-23T01:02:03Z, or 10m`,
    );
  }
  return time;
}
