import { isObject } from '../../kubernetes/is-object.ts';

/** A list of a status whose items the API server merges by a key. */
export interface KeyedList {
  readonly key: string;
  /** Whether others write items of the list too: then items that are not named stay. */
  readonly isShared: boolean;
}

/** What has to be known of a kind's status to write changes of it. */
export interface StatusShape {
  /** Lists that the API server merges; any other is replaced as a whole. @default none */
  readonly keyedLists?: Readonly<Record<string, KeyedList>>;
  /** Fields that are removed where the wanted status has none. @default none */
  readonly ownedFields?: readonly string[];
}

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The strategic merge patch that makes `observed` say what `wanted` says, with nothing in it that
 * is so already; `undefined` where that is everything.
 */
export function strategicDiff(
  observed: JsonObject,
  wanted: JsonObject,
  { keyedLists = {}, ownedFields = [] }: StatusShape = {},
): JsonObject | undefined {
  const removed = ownedFields.filter(
    (field) => isGiven(observed[field]) && !isGiven(wanted[field]),
  );
  const patch: Record<string, unknown> = Object.fromEntries(removed.map((field) => [field, null]));
  for (const [field, value] of Object.entries(wanted)) {
    if (!isGiven(value) || isSame(observed[field], value)) continue;
    const list = keyedLists[field];
    const change = list
      ? diffKeyedList(observed[field], value, list)
      : diffValue(observed[field], value);
    if (change !== undefined) patch[field] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** As the value comes back from an API server, which leaves out what is undefined, and empty lists. */
function isSame(observed: unknown, wanted: unknown): boolean {
  if (observed === wanted) return true;
  if (Array.isArray(wanted)) {
    const items: unknown = observed ?? [];
    return (
      Array.isArray(items) &&
      items.length === wanted.length &&
      wanted.every((item, index) => isSame(items[index], item))
    );
  }
  if (!isObject(observed) || !isObject(wanted)) return false;
  return (
    Object.keys(wanted).every((field) => isSame(observed[field], wanted[field])) &&
    Object.keys(observed).every((field) => field in wanted || observed[field] === undefined)
  );
}

/** Objects are patched field by field, everything else is replaced. */
function diffValue(observed: unknown, wanted: unknown): unknown {
  if (!isObject(observed) || !isObject(wanted)) return wanted;
  return strategicDiff(observed, wanted, { ownedFields: Object.keys(observed) });
}

function diffKeyedList(observed: unknown, wanted: unknown, list: KeyedList): unknown {
  const wantedItems = itemsOf(wanted);
  if (!list.isShared) return [...wantedItems, { $patch: 'replace' }];
  const observedItems = new Map(itemsOf(observed).map((item) => [item[list.key], item]));
  const changes = wantedItems.flatMap((item) => {
    const before = observedItems.get(item[list.key]) ?? {};
    const change = strategicDiff(before, item, { ownedFields: Object.keys(before) });
    return change ? [{ ...change, [list.key]: item[list.key] }] : [];
  });
  return changes.length === 0 ? undefined : changes;
}

function itemsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
