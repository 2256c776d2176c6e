import { UserError } from '../cli/user-error.ts';

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Reads an amount of memory in bytes, with the units of Kubernetes: `64Mi`, `1Gi`, `500M`. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  const unit = byteUnits[match?.[2] ?? '?'];
  const bytes = Math.ceil(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!(bytes > 0)) {
    throw new UserError(`reading --memory '${text}' failed: give an amount such as 64Mi or 1Gi`);
  }
  return bytes;
}

/** Reads a number of cores in thousandths: `0.5`, `2`, or `500m` as in Kubernetes. */
export function parseCpus(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text);
  const millis = Math.ceil(Number(match?.[1]) * (match?.[2] === 'm' ? 1 : 1000));
  if (!(millis > 0)) {
    throw new UserError(`reading --cpus '${text}' failed: give a number such as 0.5 or 500m`);
  }
  return millis;
}
