/**
 * `node:http`, got in a way that leaves alone what nobody asks it for: an import looks at all that a
 * module exports, and there node:http loads a client for WebSockets, 2.5 MB of it.
 */
export const http = process.getBuiltinModule('node:http');
