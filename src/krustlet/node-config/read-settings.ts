import { nearestName } from '../../kubelet/pods/nearest-name.ts';
import { UserError } from '../cli/user-error.ts';
import { type GivenSettings, nodeSettings, type SettingName } from './node-settings.ts';
import type { Setting } from './setting.ts';

/** A place that settings come from. */
interface Source {
  /** How the value of a setting is called there; `undefined` where it cannot be given there. */
  readonly label: (setting: Setting<unknown>) => string | undefined;
  readonly find: (setting: Setting<unknown>, name: SettingName) => unknown;
}

export interface SettingSources {
  /** Values of flags, by the setting's name. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A `KubeletConfiguration`, as it was parsed. */
  readonly kubeletConfiguration?: unknown;
  /** `config.json`, as it was parsed. */
  readonly configFile?: unknown;
}

/**
 * Gathers the settings: a flag comes before the environment, that before the file given by
 * `--config`, that before `config.json`.
 *
 * @throws {UserError} naming the key, the value and what is allowed
 */
export function readSettings(sources: SettingSources): GivenSettings {
  const kubelet = fileKeys(sources.kubeletConfiguration, '--config', kubeletKeys());
  const configFile = fileKeys(sources.configFile, 'config.json', configFileKeys());
  const ordered: readonly Source[] = [
    {
      label: ({ flag }) => flag && `--${flag}`,
      find: (_setting, name) => sources.flags[name],
    },
    {
      label: ({ env }) => env,
      find: ({ env }) => (env === undefined ? undefined : sources.env[env] || undefined),
    },
    {
      label: ({ kubelet: key }) => key && `${key} in --config`,
      find: ({ kubelet: key }) => (key === undefined ? undefined : kubelet.get(key)),
    },
    {
      label: ({ file }) => file && `${file[0]} in config.json`,
      find: ({ file = [] }) => file.map((key) => configFile.get(key)).find(isGiven),
    },
  ];
  const names = Object.keys(nodeSettings) as SettingName[];
  const entries = names.flatMap((name) => {
    const value = readSetting(nodeSettings[name], name, ordered);
    return value === undefined ? [] : [[name, value] as const];
  });
  // Every value was read by the reader of its own setting.
  return Object.fromEntries(entries) as GivenSettings;
}

function readSetting(setting: Setting<unknown>, name: SettingName, sources: readonly Source[]) {
  for (const source of sources) {
    const raw = source.find(setting, name);
    if (!isGiven(raw)) continue;
    const value = setting.value.read(raw);
    if (value !== undefined) return value;
    const shown = typeof raw === 'string' ? raw : JSON.stringify(raw);
    throw new UserError(
      `reading ${source.label(setting)} '${shown}' failed: give ${setting.value.wanted}`,
    );
  }
  return undefined;
}

/** The file's values by path; a key that no setting has is an error. */
function fileKeys(
  content: unknown,
  file: string,
  known: ReadonlySet<string>,
): ReadonlyMap<string, unknown> {
  if (!isGiven(content)) return new Map();
  if (!isRecord(content)) throw new UserError(`reading ${file} failed: it holds no object`);
  const values = new Map(flatten(content, known));
  for (const key of values.keys()) {
    if (known.has(key)) continue;
    const nearest = nearestName(key, [...known]);
    const hint = nearest === undefined ? '' : `, did you mean '${nearest}'?`;
    throw new UserError(`reading ${file} failed: unknown key '${key}'${hint}`);
  }
  return values;
}

/** Goes down into objects until a path is one that a setting has. */
function* flatten(
  content: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  prefix = '',
): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(content)) {
    const path = prefix + key;
    const leadsOn = [...known].some((name) => name.startsWith(`${path}.`));
    if (leadsOn && isRecord(value)) yield* flatten(value, known, `${path}.`);
    else yield [path, value];
  }
}

/** What every `KubeletConfiguration` says of itself is no setting. */
const typeKeys = ['apiVersion', 'kind'];

function kubeletKeys(): ReadonlySet<string> {
  const settings: readonly Setting<unknown>[] = Object.values(nodeSettings);
  return new Set([...typeKeys, ...settings.flatMap(({ kubelet }) => kubelet ?? [])]);
}

function configFileKeys(): ReadonlySet<string> {
  const settings: readonly Setting<unknown>[] = Object.values(nodeSettings);
  return new Set(settings.flatMap(({ file }) => file ?? []));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
