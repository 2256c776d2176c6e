import path from 'node:path';
import * as v from 'valibot';
import { OciError } from '../errors.ts';
import { parseJson } from './parse-json.ts';

/** What an image says about how its program is run. Empty where the image is silent. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly workingDir?: string;
  readonly user?: string;
}

/** Linux starts no program with more; images have a few dozen variables and a few kilobytes. */
const maxStrings = 1000;
const maxCharacters = 256 * 1024;

/** The config of an image that says nothing. */
export const emptyImageConfig: ImageConfig = { entrypoint: [], cmd: [], env: [] };

const strings = v.optional(v.nullable(v.array(v.string()), []), []);
const text = v.optional(v.nullable(v.string(), ''), '');
const runConfig = v.object({
  Entrypoint: strings,
  Cmd: strings,
  Env: strings,
  WorkingDir: text,
  User: text,
});
const schema = v.object({
  config: v.optional(v.nullable(runConfig)),
});

/**
 * Parses an image's config. https://github.com/opencontainers/image-spec/blob/main/config.md
 * Configs of Wasm artifacts have other fields, which say nothing about how to run them.
 *
 * @throws OciError `InvalidResponse`, or `TooLarge` for more than any image needs: it is kept for each
 *   name of the image
 */
export function parseImageConfig(bytes: Uint8Array, what: string): ImageConfig {
  const result = v.safeParse(schema, parseJson(bytes, what));
  if (!result.success) {
    const [issue] = result.issues;
    throw new OciError(
      'InvalidResponse',
      `read ${what}: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`,
    );
  }
  const { config } = result.output;
  if (config === undefined || config === null) return emptyImageConfig;
  checkSize(config, what);
  return {
    entrypoint: config.Entrypoint,
    cmd: config.Cmd,
    env: config.Env.map(parseVariable),
    // As Docker reads it, one that is not absolute is below the root.
    ...(config.WorkingDir !== '' && { workingDir: path.posix.resolve('/', config.WorkingDir) }),
    ...(config.User !== '' && { user: config.User }),
  };
}

function checkSize(config: v.InferOutput<typeof runConfig>, what: string): void {
  const strings = [...config.Entrypoint, ...config.Cmd, ...config.Env];
  if (strings.length > maxStrings) {
    throw new OciError(
      'TooLarge',
      `read ${what}: it has ${strings.length} arguments and variables, ${maxStrings} are allowed`,
    );
  }
  const texts = [...strings, config.WorkingDir, config.User];
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  if (characters <= maxCharacters) return;
  throw new OciError(
    'TooLarge',
    `read ${what}: its arguments and variables have ${characters} characters, ${maxCharacters} are allowed`,
  );
}

function parseVariable(line: string): { name: string; value: string } {
  const equals = line.indexOf('=');
  if (equals < 0) return { name: line, value: '' };
  return { name: line.slice(0, equals), value: line.slice(equals + 1) };
}
