import { quantityMillis, quantityUnits } from '../../kubelet/pods/quantity.ts';
import { UserError } from '../cli/user-error.ts';

/** Reads an amount of memory in bytes, as Kubernetes writes it: `64Mi`, `1Gi`, `500M`. */
export function parseMemory(text: string): number {
  return positive('--memory', text, quantityUnits, 'an amount such as 64Mi or 1Gi');
}

/** Reads a number of cores in thousandths: `0.5`, `2`, `500m`. */
export function parseCpus(text: string): number {
  return positive('--cpus', text, quantityMillis, 'a number of cores such as 0.5 or 500m');
}

function positive(
  option: string,
  text: string,
  parse: (text: string) => number,
  wanted: string,
): number {
  const amount = amountOf(text, parse);
  if (amount > 0) return amount;
  throw new UserError(`reading ${option} '${text}' failed: give ${wanted}`);
}

function amountOf(text: string, parse: (text: string) => number): number {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof RangeError) return Number.NaN;
    throw error;
  }
}
