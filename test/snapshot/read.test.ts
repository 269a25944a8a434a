import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUserError } from '../../src/core/errors.ts';
import { findJsonFault, findJsonValue } from '../../src/core/json-position.ts';
import { parseSnapshot } from '../../src/snapshot/read.ts';

const LEAST = {
  kind: 'snapshot',
  schemaVersion: 0,
  takenAt: '2026-11-20T09:00:00Z',
  host: { kernel: { release: '6.1.0-40-amd64' } },
  namespaces: [
    {
      id: '4026531840',
      name: 'host',
      sysctls: { 'net.core.somaxconn': { ok: true, value: '4096' } },
      listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 6379, length: 0, limit: 128 }],
    },
  ],
};

function complaint(text: string) {
  try {
    parseSnapshot(text, 's.json');
  } catch (thrown) {
    if (isUserError(thrown))
      return { code: thrown.code, message: thrown.message, at: thrown.at, status: thrown.status };
    throw thrown;
  }
  return null;
}

const withListener = (listener: unknown) =>
  JSON.stringify({ ...LEAST, namespaces: [{ ...LEAST.namespaces[0], listeners: [listener] }] });

const REFUSED: readonly (readonly [string, string, string, string, object])[] = [
  ['nothing', '', 'malformed-document', 'it is empty', { file: 's.json' }],
  ['binary data', '\x7fELF\0\0\0', 'malformed-document', 'not JSON but binary data', { file: 's.json' }],
  [
    'bytes that are no UTF-8',
    '\ufffd\ufffd\x1f\b',
    'malformed-document',
    'not JSON but binary data',
    { file: 's.json' },
  ],
  [
    'a cut-off document',
    JSON.stringify(LEAST, null, 2).slice(0, 60),
    'malformed-document',
    'the JSON is cut off here',
    { file: 's.json', line: 4, column: 15 },
  ],
  [
    'a comma too many',
    '{\n  "a": 1,\n}',
    'malformed-document',
    'not JSON from here on',
    { file: 's.json', line: 3, column: 1 },
  ],
  [
    'text behind the end',
    '{} x',
    'malformed-document',
    'not JSON from here on',
    { file: 's.json', line: 1, column: 4 },
  ],
  [
    'YAML',
    'kind: snapshot\n',
    'malformed-document',
    'not JSON from here on',
    { file: 's.json', line: 1, column: 1 },
  ],
  ['a list', '[1]', 'wrong-kind', 'not a snapshot: it holds no JSON object', { file: 's.json' }],
  [
    'a plan',
    '{"kind":"plan"}',
    'wrong-kind',
    "not a snapshot but a document of kind 'plan'",
    { file: 's.json' },
  ],
  [
    'something else',
    '{"a":1}',
    'wrong-kind',
    "not a snapshot but a document without a 'kind'",
    { file: 's.json' },
  ],
  [
    'a document without a version',
    JSON.stringify({ ...LEAST, schemaVersion: undefined }),
    'malformed-document',
    "it has no 'schemaVersion': this version reads 0",
    { file: 's.json' },
  ],
  ...['0', null, -1, 0.5].map(
    (schemaVersion) =>
      [
        `the version ${JSON.stringify(schemaVersion)}`,
        JSON.stringify({ ...LEAST, schemaVersion }),
        'malformed-document',
        "its 'schemaVersion' is no version: this version reads 0",
        { file: 's.json' },
      ] as const,
  ),
  [
    'a later schema',
    JSON.stringify({ ...LEAST, schemaVersion: 3 }),
    'later-schema',
    'its schema version 3 is later than 0, the last that this version reads',
    { file: 's.json' },
  ],
  [
    'a field of the wrong type',
    withListener({ protocol: 'tcp', address: '0.0.0.0', port: '80' }),
    'malformed-document',
    'namespaces[0].listeners[0].port: expected number, received string',
    { file: 's.json', line: 1, column: 283 },
  ],
  [
    'a missing field',
    JSON.stringify({ ...LEAST, takenAt: undefined }),
    'malformed-document',
    'takenAt: missing, expected string',
    { file: 's.json', line: 1, column: 1 },
  ],
  [
    'a bad sysctl',
    JSON.stringify({
      ...LEAST,
      namespaces: [{ ...LEAST.namespaces[0], sysctls: { 'net.core.somaxconn': { ok: true, value: 1 } } }],
    }),
    'malformed-document',
    'namespaces[0].sysctls["net.core.somaxconn"].value: expected string, received number',
    { file: 's.json', line: 1, column: 216 },
  ],
];

/** As a person writes one: what is not known is left out, or null. */
const BY_HAND = `{ "kind": "snapshot", "schemaVersion": 0, "takenAt": "2026-11-20T09:00:00Z",
  "host": { "kernel": { "release": "6.1.0-40-amd64",
                        "version": {"ok": true, "value": "6.1.153", "from": "uname -v", "sure": true}, "build": null },
            "memoryBytes": {"ok": true, "value": 8589934592, "from": null}, "environment": "host", "rack": 7 },
  "namespaces": [ { "id": "4026531840", "name": "host", "kind": "initial",
     "sysctls": { "net.core.somaxconn": {"ok": true, "value": "4096"}, "net.ipv4.tcp_rmem": null },
     "listeners": [
       { "protocol": "tcp", "address": "0.0.0.0", "port": 6379, "length": 0, "limit": 128, "inode": 31, "uid": 106,
         "processes": [ {"name": "redis-server", "pid": 812, "threads": 5} ], "server": "redis",
         "backlog": {"ok": true, "value": 511, "from": "default"}, "later": [null] },
       { "protocol": "tcp", "address": "::", "port": 80, "length": null, "limit": null, "uid": null,
         "processes": null, "backlog": null, "backlogAt": null } ],
     "samples": [ {"at": 0, "counters": {"ListenOverflows": 10}, "load": 1},
                  {"at": 10, "counters": {"ListenOverflows": 25, "ListenDrops": null}} ] } ],
  "sysctlFiles": [ {"path": "/etc/sysctl.d/60-x.conf", "kind": "file", "mode": "0644", "owner": "root",
                    "text": "net.core.somaxconn = 512\\n"} ],
  "globs": { "net/ipv4/conf/*/rp_filter": [ ["net/ipv4/conf/all/rp_filter", "0644"] ] },
  "loader": {"kind": {"ok": true, "value": "systemd"}, "version": null, "unit": "x"}, "services": [] }`;

describe('parseSnapshot', () => {
  test('takes null for what is not known, and passes over unknown fields everywhere', () => {
    expect(parseSnapshot(BY_HAND, 's.json')).toEqual({
      kind: 'snapshot',
      schemaVersion: 0,
      takenAt: '2026-11-20T09:00:00Z',
      host: {
        kernel: { release: '6.1.0-40-amd64', version: { ok: true, value: '6.1.153', from: 'uname -v' } },
        memoryBytes: { ok: true, value: 8589934592 },
        environment: 'host',
      },
      namespaces: [
        {
          id: '4026531840',
          name: 'host',
          sysctls: { 'net.core.somaxconn': { ok: true, value: '4096' } },
          listeners: [
            {
              protocol: 'tcp',
              address: '0.0.0.0',
              port: 6379,
              length: 0,
              limit: 128,
              inode: 31,
              uid: 106,
              processes: [{ name: 'redis-server', pid: 812 }],
              server: 'redis',
              backlog: { ok: true, value: 511, from: 'default' },
            },
            { protocol: 'tcp', address: '::', port: 80 },
          ],
          samples: [
            { at: 0, counters: { ListenOverflows: 10 } },
            { at: 10, counters: { ListenOverflows: 25 } },
          ],
        },
      ],
      sysctlFiles: [
        {
          path: '/etc/sysctl.d/60-x.conf',
          kind: 'file',
          mode: '0644',
          text: 'net.core.somaxconn = 512\n',
        },
      ],
      globs: { 'net/ipv4/conf/*/rp_filter': [['net/ipv4/conf/all/rp_filter', '0644']] },
      loader: { kind: { ok: true, value: 'systemd' } },
      services: [],
    });
  });

  test('a field that is needed must not be null', () => {
    const text = withListener({ protocol: 'tcp', address: '0.0.0.0', port: null });
    expect(complaint(text)?.message).toBe('namespaces[0].listeners[0].port: missing, expected number');
  });

  test('nesting deeper than any stack is refused like other nonsense', () => {
    const text = JSON.stringify(LEAST).replace('"length":0', `"length":${'['.repeat(1e5)}${']'.repeat(1e5)}`);
    expect(complaint(text)).toMatchObject({ status: 2 });
  });

  test.each(REFUSED)('refuses %s', (_what, text, code, message, at) => {
    expect(complaint(text)).toEqual({ code, message, at, status: 2 });
  });

  test('reads the least of a snapshot, with fields that it does not know', () => {
    const text = `\ufeff${JSON.stringify({ ...LEAST, later: { field: 1 } })}`;
    expect(parseSnapshot(text, 's.json')).toEqual(LEAST);
  });

  test('never fails in any other way', () => {
    fc.assert(fc.property(fc.json(), (text) => expect(complaint(text)).toMatchObject({ status: 2 })));
    fc.assert(fc.property(fc.string(), (text) => expect(complaint(text)).toMatchObject({ status: 2 })));
  });
});

describe('findJsonFault', () => {
  test('agrees with JSON.parse on what is JSON', () => {
    const nearlyJson = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '1', ']', 'x', '\n', ':'))
      .map(
        ([text, at, piece]) =>
          `${text.slice(0, at % (text.length + 1))}${piece}${text.slice((at % (text.length + 1)) + 1)}`,
      );
    fc.assert(
      fc.property(fc.oneof(fc.json(), nearlyJson), (text) => {
        expect(findJsonFault(text) === null).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('calls every beginning of a document cut off, at its end', () => {
    const text = JSON.stringify(LEAST, null, 2);
    for (let end = 1; end < text.length; end += 7) {
      const lines = text.slice(0, end).split('\n');
      expect(findJsonFault(text.slice(0, end))).toEqual({
        line: lines.length,
        column: (lines.at(-1)?.length ?? 0) + 1,
        cutOff: true,
      });
    }
  });
});

test.each([
  ['whole', '"}', { line: 1, column: 8_000_009, cutOff: false }],
  ['cut off', '', { line: 1, column: 8_000_007, cutOff: true }],
  ['cut off within an escape', '\\u00', { line: 1, column: 8_000_011, cutOff: true }],
])('a string of millions of escapes, %s', (_what, end, fault) => {
  const text = `{"a":"${'\\n'.repeat(4_000_000)}${end}`;
  expect(findJsonFault(end === '"}' ? `${text}x` : text)).toEqual(fault);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('findJsonValue', () => {
  const TEXT = '{\n  "a": [1, {"b\\n": "x,]"}, []],\n  "a.b": null, "c": {},\n  "c": 7\n}\n';

  test.each<[readonly (string | number)[], number, number]>([
    [[], 1, 1],
    [['a'], 2, 8],
    [['a', 0], 2, 9],
    [['a', 1], 2, 12],
    [['a', 1, 'b\n'], 2, 20],
    [['a', 2], 2, 28],
    [['a.b'], 3, 10],
    [['c'], 4, 8],
    [['a', 7], 2, 8],
    [['a', 1, 'missing'], 2, 12],
    [['missing', 'too'], 1, 1],
  ])('%j stands, or should, at %i:%i', (path, line, column) => {
    expect(findJsonValue(TEXT, path)).toEqual({ line, column });
  });

  test('finds every value of any JSON', () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
    const steps = fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 6 });
    fc.assert(
      fc.property(leaf, steps, (value, path) => {
        const document = path.reduceRight<unknown>(
          (inner, step) =>
            typeof step === 'string'
              ? Object.fromEntries([
                  ['before', [{}]],
                  [step, inner],
                ])
              : [...Array.from({ length: step }, () => ({ x: [] })), inner],
          value,
        );
        const text = JSON.stringify(document);
        const { line, column } = findJsonValue(text, path);
        expect([line, text.slice(column - 1).startsWith(JSON.stringify(value))]).toEqual([1, true]);
      }),
    );
  });
});
