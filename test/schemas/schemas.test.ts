import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { renderSchemas } from '../../scripts/schemas.ts';
import { parseSnapshot } from '../../src/snapshot/read.ts';

test('the published schemas are those of the code; `npm run schemas` writes them', () => {
  const schemas = renderSchemas();
  for (const [file, content] of schemas) expect(readFileSync(`schemas/${file}`, 'utf8')).toBe(content);
  expect(readdirSync('schemas').sort()).toEqual([...schemas.keys()].sort());
});

const LEAST = { kind: 'snapshot', schemaVersion: 0, takenAt: 'now', host: { kernel: { release: '6.1.0' } } };
const LISTENER = { protocol: 'tcp', address: '::', port: 80 };

function isRead(text: string): boolean {
  try {
    parseSnapshot(text, 's.json');
    return true;
  } catch {
    return false;
  }
}

test.each([
  ['a field that may be left out', { limit: null, backlog: null }, {}, true],
  ['a sysctl', {}, { 'net.core.somaxconn': null }, true],
  ['a field that is needed', { port: null }, {}, false],
  ['an element of a list', { processes: [null] }, {}, false],
])('the published schema takes null for %s as the reader does: %j, %j', (_what, more, sysctls, expected) => {
  const schema: unknown = JSON.parse(readFileSync('schemas/snapshot.schema.json', 'utf8'));
  const validate = new Ajv2020({ strict: false }).compile(
    typeof schema === 'object' && schema !== null ? schema : {},
  );
  const namespaces = [{ id: '1', name: 'host', sysctls, listeners: [{ ...LISTENER, ...more }] }];
  const document = { ...LEAST, namespaces };
  expect([validate(document), isRead(JSON.stringify(document))]).toEqual([expected, expected]);
});
