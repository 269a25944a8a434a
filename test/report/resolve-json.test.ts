import { describe, expect, test } from '@jest/globals';
import { compareLoaders, resolveSysctls } from '../../src/pipeline/sysctl-resolve.ts';
import { ComparisonDocument, ResolutionDocument } from '../../src/report/resolve-document.ts';
import { comparisonDocument, resolutionDocument } from '../../src/report/resolve-json.ts';
import { A, B, MAIN, requestFor, SOMAXCONN } from '../pipeline/resolved.ts';
import { schemaFaults } from '../tools/published-schema.ts';

const FILES = {
  [A]: `${SOMAXCONN} = 1\nnet.ipv4.ip_forward = 1\nno assignment\nnet.core.gone = 1\n`,
  [B]: `-${SOMAXCONN} = 0x2\nnet.core.rmem_max = x\nnet.ipv4.conf.*.rp_filter = 2\n`,
  [MAIN]: `${SOMAXCONN} = 3\n`,
};

const LOADERS = ['systemd', 'procps', 'busybox', 'openrc', 'openrc-busybox', 'procps-3.3.17'];

describe('the JSON of a resolution', () => {
  test.each(LOADERS)('by %s is what the schema describes', (loader) => {
    for (const keys of [[], [SOMAXCONN, 'net.core.wmem_max']]) {
      const request = requestFor(FILES, { loader, keys, sysctls: { [SOMAXCONN]: 1 } });
      const document = resolutionDocument(resolveSysctls(request), [{ what: '/etc/x', why: 'denied' }]);
      expect(ResolutionDocument.parse(document)).toEqual(document);
      expect(JSON.parse(JSON.stringify(document))).toEqual(document);
      expect(schemaFaults('sysctl-resolution', document)).toEqual([]);
    }
  });

  test('has the values, the attempts and what the loader says', () => {
    const request = requestFor(FILES, { sysctls: { [SOMAXCONN]: 4096 } });
    const { values, ...document } = resolutionDocument(resolveSysctls(request), []);
    expect(document).toMatchObject({
      kind: 'sysctl-resolution',
      loader: 'systemd-sysctl',
      files: [A, B],
      exitStatus: 1,
      unseen: [],
      messages: expect.arrayContaining([
        expect.objectContaining({ severity: 'error', file: A, line: 3 }),
        expect.objectContaining({ severity: 'error', file: B, line: 2 }),
      ]),
    });
    expect(document.attempts[0]).toEqual({
      key: 'net.ipv4.ip_forward',
      value: '1',
      file: A,
      line: 2,
      ignoreFailure: false,
    });
    expect(values[SOMAXCONN]).toEqual({
      value: '2',
      kind: 'set',
      from: { file: B, line: 1, value: '0x2' },
      through: null,
      whenAdded: false,
      excludedBy: null,
      shadowed: [
        { file: A, line: 1, value: '1', reason: 'later-file' },
        { file: MAIN, line: 1, value: '3', reason: 'file-not-read' },
      ],
      why: null,
      live: '4096',
      writers: [],
      ending: null,
    });
    expect(values['net.ipv4.conf.eth0.forwarding']).toMatchObject({
      value: '1',
      through: 'net.ipv4.ip_forward',
    });
    expect(values['net.core.gone']).toMatchObject({ kind: 'unset', value: null, live: null });
  });
});

test('the JSON of a comparison is what the schema describes', () => {
  const document = comparisonDocument(compareLoaders(requestFor(FILES), '4.0.4'));
  expect(ComparisonDocument.parse(document)).toEqual(document);
  expect(schemaFaults('sysctl-comparison', document)).toEqual([]);
  expect(document).toMatchObject({
    boot: { loader: 'systemd-sysctl', exitStatus: 1 },
    byHand: { loader: 'procps sysctl 4.0.4', exitStatus: 1 },
    disagreements: [
      {
        key: SOMAXCONN,
        boot: { value: '2' },
        byHand: { value: '3', from: { file: MAIN, line: 1, value: '3' } },
      },
    ],
  });
});
