import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  experimentalHttpFunctions,
  experimentalHttpModule,
} from '../experimental-http/host-functions.ts';
import { GuestMemory } from '../guest-memory.ts';
import { IoVectors } from '../io-vectors.ts';
import { NativeSystem } from '../native/native-system.ts';
import { FileStatus } from '../system/file-status.ts';
import { DescriptorTable } from './descriptor-table.ts';
import { GuestExit } from './guest-exit.ts';
import { preview1Module, providePreviews, unstableModule } from './imports.ts';
import { hostSignatures } from './signatures.ts';

const memory = new GuestMemory();
const previews = providePreviews({
  args: [],
  environ: [],
  descriptors: new DescriptorTable(),
  exit: new GuestExit(),
  http: undefined,
  memory,
  system: new NativeSystem(),
  vectors: new IoVectors(),
  status: new FileStatus(),
});

describe('hostSignatures', () => {
  const provided = {
    ...previews,
    [experimentalHttpModule]: experimentalHttpFunctions({ memory }, undefined),
  };
  for (const module of [preview1Module, unstableModule, experimentalHttpModule] as const) {
    it(`has the functions of ${module}, and no others`, () => {
      const functions = Object.keys(provided[module]);
      assert.deepEqual([...(hostSignatures.get(module)?.keys() ?? [])].sort(), functions.sort());
    });
  }

  it('has as many parameters as the functions of WASI', () => {
    for (const module of [preview1Module, unstableModule] as const) {
      for (const [name, { length }] of Object.entries(previews[module])) {
        const { parameters } = hostSignatures.get(module)?.get(name) ?? { parameters: [] };
        assert.equal(parameters.length, length, name);
      }
    }
  });
});
