/**
 * The first script of a thread. It makes modules of the texts that the thread was given, as no file
 * can be opened, and runs the first of them.
 */
export const threadLoader = `
const { registerHooks } = require('node:module');
const { workerData } = require('node:worker_threads');
const { entry, modules } = workerData.sources;
const texts = JSON.parse(Buffer.from(modules).toString());
registerHooks({
  resolve(specifier, context, next) {
    if (!/^(?:[.]|file:)/.test(specifier)) return next(specifier, context);
    return { url: new URL(specifier, context.parentURL).href, shortCircuit: true };
  },
  load(url, context, next) {
    const source = texts[url];
    if (source === undefined) return next(url, context);
    delete texts[url];
    return { format: 'module', source, shortCircuit: true };
  },
});
import(entry);
`;
