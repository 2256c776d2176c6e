import * as v from 'valibot';

/**
 * Building blocks of the schemas. An absent field and `null` are the same in Kubernetes; the
 * parser drops nulls before a schema sees them, so schemas speak of absence only.
 */

/** A field that may be absent and has no default. */
export const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.exactOptional(schema);

/** A list that is empty where the field is absent. */
export const listOf = <Schema extends v.GenericSchema>(item: Schema) =>
  v.optional(v.array(item), []);

/** A flag that is off where the field is absent. */
export const flag = v.optional(v.boolean(), false);

/** A whole number within Kubernetes' int32 or int64 (as far as JSON carries it exactly). */
export const integer = v.pipe(v.number(), v.safeInteger('must be a whole number'));

/** A whole number from `min` to `max`. */
export const integerBetween = (min: number, max: number) =>
  v.pipe(
    integer,
    v.minValue(min, (issue) => outOfRange(issue.received, min, max)),
    v.maxValue(max, (issue) => outOfRange(issue.received, min, max)),
  );

function outOfRange(received: string, min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER
    ? `must be at least ${min}, but is ${received}`
    : `must be between ${min} and ${max}, but is ${received}`;
}

/** A whole number of at least `min`. */
export const integerFrom = (min: number) => integerBetween(min, Number.MAX_SAFE_INTEGER);

/** String to string, such as labels. */
export const stringMap = v.record(v.string(), v.string());

const quantityPattern = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

/** A resource quantity as written; `quantityNanos` gives its value. */
export const quantity = v.pipe(
  v.union([v.string(), v.number()], 'must be a quantity such as "64Mi" or "500m"'),
  v.transform(String),
  v.regex(quantityPattern, 'must be a quantity such as "64Mi" or "500m"'),
);

/** Resource name to quantity. */
export const resourceList = v.record(v.string(), quantity);

/** A port by its number or by the name a container gives it. */
export const portReference = v.union(
  [integerBetween(1, 65535), v.pipe(v.string(), v.nonEmpty('must not be empty'))],
  'must be a port number from 1 to 65535 or the name of a container port',
);

/** RFC 3339 time as the API server writes it. */
export const time = v.pipe(
  v.string(),
  v.check(
    (text) => !Number.isNaN(Date.parse(text)),
    'must be a time such as "2026-01-31T12:00:00Z"',
  ),
);

/** Permission bits of a file; YAML's 0644 and JSON's 420 are the same number. */
export const fileMode = integerBetween(0, 0o777);

/** Whatever a field holds, for fields this node passes on or ignores. */
export const anything = v.unknown();
