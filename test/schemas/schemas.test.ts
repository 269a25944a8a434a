import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { renderSchemas } from '../../scripts/schemas.ts';

test('the published schemas are those of the code; `npm run schemas` writes them', () => {
  const schemas = renderSchemas();
  for (const [file, content] of schemas) expect(readFileSync(`schemas/${file}`, 'utf8')).toBe(content);
  expect(readdirSync('schemas').sort()).toEqual([...schemas.keys()].sort());
});
