import { isIP } from 'node:net';
import { quantityUnits } from '../../kubelet/pods/quantity.ts';
import type { ValueReader } from './setting.ts';

export const text: ValueReader<string> = {
  wanted: 'a text',
  read: (raw) => (typeof raw === 'string' && raw !== '' ? raw : undefined),
};

export const ipAddress: ValueReader<string> = {
  wanted: 'an IP address such as 0.0.0.0 or ::',
  read: (raw) => (typeof raw === 'string' && isIP(raw) !== 0 ? raw : undefined),
};

export const boolean: ValueReader<boolean> = {
  wanted: 'true or false',
  read: (raw) => {
    if (raw === true || raw === 'true') return true;
    return raw === false || raw === 'false' ? false : undefined;
  },
};

export const port: ValueReader<number> = integer(1, 65_535, 'a port from 1 to 65535');
/** A port, or 0 for none. */
export const optionalPort: ValueReader<number> = integer(0, 65_535, 'a port, or 0 for none');
export const count: ValueReader<number> = integer(1, 1_000_000, 'a whole number of at least 1');
export const percent: ValueReader<number> = integer(0, 100, 'a whole number from 0 to 100');

/** Bytes, as a quantity such as `10Mi`. */
export const bytes: ValueReader<number> = {
  wanted: 'an amount such as 10Mi',
  read: (raw) => readQuantity(raw),
};

/** Seconds, as a duration such as `90s`, `1m30s` or `1h`. */
export const seconds: ValueReader<number> = {
  wanted: 'a duration such as 30s, 5m or 1h',
  read: (raw) => {
    const input = String(raw);
    if (!/^(\d+[smh])+$|^0$/.test(input)) return undefined;
    const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
    return [...input.matchAll(/(\d+)([smh])/g)].reduce(
      (sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0),
      0,
    );
  },
};

/** Texts, as a list or separated by commas. */
export const list: ValueReader<readonly string[]> = {
  wanted: 'a list, its items separated by commas',
  read: (raw) => {
    const items = typeof raw === 'string' ? raw.split(',').map((item) => item.trim()) : raw;
    if (!Array.isArray(items)) return undefined;
    return items.every((item) => typeof item === 'string')
      ? items.filter((item) => item)
      : undefined;
  },
};

/** Texts by name, as a map or as `name=value` separated by commas. */
export const map: ValueReader<Readonly<Record<string, string>>> = {
  wanted: 'pairs such as zone=a,disk=ssd',
  read: (raw) => {
    const pairs = typeof raw === 'string' ? splitPairs(raw) : raw;
    if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) return undefined;
    const entries = Object.entries(pairs).map(([name, value]) => [name, String(value)] as const);
    return entries.every(([name]) => name !== '') ? Object.fromEntries(entries) : undefined;
  },
};

/** Switches by name. */
export const switches: ValueReader<Readonly<Record<string, boolean>>> = {
  wanted: 'pairs such as ExtendWebSocketsToKubelet=false',
  read: (raw) => {
    const entries = Object.entries(map.read(raw) ?? { '': '' });
    const read = entries.map(([name, value]) => [name, boolean.read(value)] as const);
    if (!read.every((entry): entry is [string, boolean] => entry[1] !== undefined))
      return undefined;
    return Object.fromEntries(read);
  },
};

/** One of some words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): ValueReader<Word> {
  return {
    wanted: words.join(' or '),
    read: (raw) => words.find((word) => word === raw),
  };
}

function integer(least: number, most: number, wanted: string): ValueReader<number> {
  return {
    wanted,
    read: (raw) => {
      const number = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw;
      const fits = typeof number === 'number' && Number.isInteger(number);
      return fits && number >= least && number <= most ? number : undefined;
    },
  };
}

function readQuantity(raw: unknown): number | undefined {
  try {
    return quantityUnits(String(raw));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function splitPairs(input: string): Record<string, string> | undefined {
  const pairs = input.split(',').filter((pair) => pair.trim() !== '');
  if (!pairs.every((pair) => pair.includes('='))) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}
