import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podAnnotations, refuseUnknownAnnotations } from './pod-annotations.ts';

describe('refuseUnknownAnnotations', () => {
  it('lets pass what is known, and what is not ours', () => {
    const all = Object.values(podAnnotations).map((name) => [name, '']);
    refuseUnknownAnnotations(Object.fromEntries(all));
    refuseUnknownAnnotations({
      'example.org/egres': '',
      'krustlet.dev.example/egres': '',
      egres: '',
    });
  });

  it('refuses one that is misspelt, and says which there are', () => {
    assert.throws(() => refuseUnknownAnnotations({ 'krustlet.dev/egres': '10.0.0.0/8' }), {
      code: 'CreateContainerConfigError',
      message: /^annotation "krustlet\.dev\/egres" is not known: use .*krustlet\.dev\/egress, /,
    });
  });

  it('names the prefix of one that has the other', () => {
    assert.throws(() => refuseUnknownAnnotations({ 'krustlet.dev/allowed-domains': '[]' }), {
      message:
        'annotation "krustlet.dev/allowed-domains" is not known: use alpha.wasi.krustlet.dev/allowed-domains',
    });
  });
});
