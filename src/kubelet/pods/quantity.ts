const powers: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: 1024n * 10n ** 9n,
  Mi: 1024n ** 2n * 10n ** 9n,
  Gi: 1024n ** 3n * 10n ** 9n,
  Ti: 1024n ** 4n * 10n ** 9n,
  Pi: 1024n ** 5n * 10n ** 9n,
  Ei: 1024n ** 6n * 10n ** 9n,
};

/** Longest quantity that is read: far more digits than any resource has. */
const maxLength = 64;
/** Largest power of ten, either way: beyond what the API server keeps. */
const maxExponent = 100;

/**
 * The value of a resource quantity in thousand-millionths, exact, rounded up where it is finer.
 *
 * @throws {RangeError} where the text is not a quantity
 */
export function quantityNanos(text: string): bigint {
  const match =
    text.length > maxLength
      ? null
      : /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text);
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match ?? [];
  const scale = powers[suffix];
  const isBounded = Math.abs(Number(exponent ?? 0)) <= maxExponent;
  if (match === null || scale === undefined || whole + fraction === '' || !isBounded) {
    const shown = text.slice(0, maxLength);
    throw new RangeError(`cannot read quantity "${shown}": write it as "64Mi" or "500m"`);
  }
  const digits = BigInt(whole + fraction) * scale;
  const shift = Number(exponent ?? 0) - fraction.length;
  const nanos =
    shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -nanos : nanos;
}

/** A quantity in whole units (bytes, cores), rounded up. */
export function quantityUnits(text: string): number {
  return Number(divideUp(quantityNanos(text), 10n ** 9n));
}

/** A quantity in thousandths (of a core), rounded up. */
export function quantityMillis(text: string): number {
  return Number(divideUp(quantityNanos(text), 10n ** 6n));
}

/** Division that rounds up. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
