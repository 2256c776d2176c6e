import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { programFile } from '../../../program-file.ts';

/** Imports that are there when the program runs; those of types alone are not. */
const importPattern = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;

const entry = pathToFileURL(programFile('runtime/engines/component/threads/thread-main')).href;

/** The modules that a thread loads. */
export interface ThreadSources {
  /** URL of the first. */
  readonly entry: string;
  /** JSON of an object from URLs to texts, in memory that threads share. */
  readonly modules: Uint8Array<SharedArrayBuffer>;
}

/**
 * Reads the modules of a thread. A thread loads them for itself, when the process is in its sandbox
 * and can open none of them; and perhaps is a user who could walk to none of them.
 */
class SourceReader {
  #sources: ThreadSources | undefined;

  /** Reads them when it is called first. */
  read(): ThreadSources {
    this.#sources ??= { entry, modules: shared(JSON.stringify(readModules())) };
    return this.#sources;
  }
}

/** The sources that a fork server reads for all of its containers. */
export const threadSources = new SourceReader();

function readModules(): Record<string, string> {
  const modules: Record<string, string> = {};
  const waiting = [entry];
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    if (url in modules) continue;
    const text = readModule(fileURLToPath(url));
    modules[url] = text;
    for (const [, specifier = ''] of text.matchAll(importPattern)) {
      if (specifier.startsWith('node:')) continue;
      if (!specifier.startsWith('.')) {
        throw new Error(`Cannot give '${url}' to a thread: it imports the package '${specifier}'`);
      }
      waiting.push(new URL(specifier, url).href);
    }
  }
  return modules;
}

/** Types are taken away here, for all threads: what does that takes several megabytes in each. */
function readModule(file: string): string {
  const text = readFileSync(file, 'utf8');
  return file.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
}

function shared(text: string): Uint8Array<SharedArrayBuffer> {
  const bytes = Buffer.from(text);
  const memory = new Uint8Array(new SharedArrayBuffer(bytes.length));
  memory.set(bytes);
  return memory;
}
