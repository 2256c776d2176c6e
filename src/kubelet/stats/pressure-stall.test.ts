import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { machinePressure, parsePressure } from './pressure-stall.ts';

describe('machinePressure', { skip: !existsSync('/proc/pressure/cpu') }, () => {
  it('is what this kernel counts', async () => {
    const { cpu = '', memory, io } = await machinePressure();
    assert.ok(memory !== undefined && io !== undefined);
    assert.ok(parsePressure(cpu).some.total > 0, cpu);
  });
});
