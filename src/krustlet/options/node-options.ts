import type { Command } from 'commander';
import type { LoadNodeConfigInit } from '../node-config/load-node-config.ts';
import { nodeSettings, type SettingName } from '../node-config/node-settings.ts';
import type { Setting, ValueReader } from '../node-config/setting.ts';
import { boolean } from '../node-config/value-readers.ts';

/** What commander makes of the node's flags: values are texts until they are read, or `true`. */
export type NodeOptions = Readonly<Record<string, string | true | undefined>>;

/** Adds a flag for every setting of the node. */
export function addNodeSettings(command: Command): Command {
  command.option('--config <file>', 'file with a KubeletConfiguration');
  const settings: readonly Setting<unknown>[] = Object.values(nodeSettings);
  for (const { flag, short, help, value } of settings) {
    // Every command has this one.
    if (flag === undefined || flag === 'data-dir') continue;
    command.option(
      `${short === undefined ? '' : `-${short}, `}--${flag} ${argumentOf(value)}`,
      help,
    );
  }
  return command;
}

/** What is true or false is true where only its flag is given. */
function argumentOf(reader: ValueReader<unknown>): string {
  return reader === boolean ? '[value]' : '<value>';
}

/** The flags that were given, by the setting that each is for. */
export function nodeFlags(
  options: NodeOptions,
  env: LoadNodeConfigInit['env'],
): LoadNodeConfigInit {
  const names = Object.keys(nodeSettings) as SettingName[];
  const flags = names.flatMap((name) => {
    const value = options[camelCase(nodeSettings[name].flag)];
    return value === undefined ? [] : [[name, value]];
  });
  const { config } = options;
  const file = typeof config === 'string' ? { config } : {};
  return { flags: Object.fromEntries(flags), env, ...file };
}

/** Commander names options after their flags. */
function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
