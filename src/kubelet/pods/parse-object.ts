import * as v from 'valibot';
import { ManifestError, type ManifestProblem } from './manifest-error.ts';
import { fieldPath, structureProblems, type UnknownFields } from './structure-problems.ts';

export interface ParseOptions {
  /**
   * What an unknown field is: an `error` in files that people write, `allowed` from an API
   * server that may be newer than this node.
   * @default 'allowed'
   */
  readonly unknownFields?: UnknownFields;
}

/**
 * Types an object from outside by its schema and fills in the API server's defaults.
 *
 * @param subject names the object in messages, such as `Pod "web"`
 * @throws {ManifestError} naming every field that is wrong
 */
export function parseObject<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  subject: string,
  options: ParseOptions = {},
): v.InferOutput<Schema> {
  const present = withoutNulls(input);
  const result = v.safeParse(schema, present);
  const structure = structureProblems(schema, present, options.unknownFields ?? 'allowed');
  const problems = [...structure, ...(result.issues ?? []).map(problemOf)];
  if (result.success && problems.length === 0) return result.output;
  throw new ManifestError(subject, problems);
}

/** Drops fields whose value is `null`, which Kubernetes takes for absent; few objects have one. */
function withoutNulls(input: unknown): unknown {
  if (!holdsNull(input)) return input;
  if (Array.isArray(input)) return input.map(withoutNulls);
  return Object.fromEntries(
    Object.entries(input).flatMap(([key, value]) =>
      value === null ? [] : [[key, withoutNulls(value)]],
    ),
  );
}

function holdsNull(input: unknown): input is object {
  if (typeof input !== 'object' || input === null) return false;
  for (const key in input) {
    const value: unknown = input[key as keyof typeof input];
    if (value === null || holdsNull(value)) return true;
  }
  return false;
}

function problemOf(issue: v.BaseIssue<unknown>): ManifestProblem {
  return { path: pathOf(issue), message: messageOf(issue) };
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).reduce(
    (path, item) =>
      item.type === 'array' ? `${path}[${item.key}]` : fieldPath(path, String(item.key)),
    '',
  );
}

/** Our own messages start in lower case; the library's are replaced by what was expected. */
function messageOf(issue: v.BaseIssue<unknown>): string {
  if (!issue.message.startsWith('Invalid ')) return issue.message;
  if (issue.received === 'undefined') return 'is required';
  const expected = expectedOf(issue);
  const scalar = typeof issue.input === 'number' || typeof issue.input === 'boolean';
  const fix = issue.expected === 'string' && scalar ? `: write "${issue.input}" in quotes` : '';
  return `must be ${expected}, but is ${receivedOf(issue.input)}${fix}`;
}

const expectedWords: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  Object: 'a mapping',
  Array: 'a list',
};

function expectedOf(issue: v.BaseIssue<unknown>): string {
  const expected = issue.expected ?? 'something else';
  const word = expectedWords[expected];
  if (word !== undefined) return word;
  return expected.startsWith('(')
    ? `one of ${expected.slice(1, -1).split(' | ').join(', ')}`
    : expected;
}

function receivedOf(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a mapping';
  return typeof input === 'string' ? `"${input}"` : `the ${typeof input} ${input}`;
}
