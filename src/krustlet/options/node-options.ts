import type { Command } from 'commander';
import type { LoadNodeConfigInit } from '../node-config/load-node-config.ts';
import { nodeSettings, type SettingName } from '../node-config/node-settings.ts';
import type { Setting } from '../node-config/setting.ts';

/** What commander makes of the node's flags: values are texts until they are read. */
export type NodeOptions = Readonly<Record<string, string | undefined>>;

/** Adds a flag for every setting of the node. */
export function addNodeSettings(command: Command): Command {
  command.option('--config <file>', 'file with a KubeletConfiguration');
  const settings: readonly Setting<unknown>[] = Object.values(nodeSettings);
  for (const { flag, short, help } of settings) {
    // Every command has this one.
    if (flag === undefined || flag === 'data-dir') continue;
    command.option(`${short === undefined ? '' : `-${short}, `}--${flag} <value>`, help);
  }
  return command;
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
  return { flags: Object.fromEntries(flags), env, ...(config === undefined ? {} : { config }) };
}

/** Commander names options after their flags. */
function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
